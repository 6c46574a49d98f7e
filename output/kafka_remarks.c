#include "output/kafka_remarks.h"

enum { NOTICES_MOST = 6, NOTICES_MS = 60000 };

void output_kafka_remarks_learn(struct output_kafka_remarks *remarks, const char *text)
{
	output_kafka_secrets_hide(&remarks->secrets, text, remarks->why, sizeof(remarks->why));
}

const char *output_kafka_remarks_reason(const struct output_kafka_remarks *remarks)
{
	return *remarks->why ? remarks->why : "no broker answers";
}

static void begin_minute(struct output_kafka_remarks *remarks, int64_t now)
{
	if (remarks->untold > 0)
		notify(remarks->notices, "%s: %u further remarks of librdkafka were left out", remarks->name,
		       remarks->untold);
	remarks->since = now;
	remarks->told = remarks->untold = 0;
}

void output_kafka_remarks_tell(struct output_kafka_remarks *remarks, const char *text, int64_t now)
{
	char hidden[sizeof(remarks->why)];

	if (now - remarks->since >= NOTICES_MS)
		begin_minute(remarks, now);
	if (remarks->told >= NOTICES_MOST) {
		remarks->untold++;
		return;
	}
	remarks->told++;
	output_kafka_secrets_hide(&remarks->secrets, text, hidden, sizeof(hidden));
	notify(remarks->notices, "%s: %s", remarks->name, hidden);
}
