"""A flow log as rows that can be changed and written again, in the shapes in which flow logs are found."""

import csv
import io
import json
import random

NUMBERS = {"version", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "tcp-flags", "traffic-path"}


def key_of(row):
    """Protocol, source, port, destination, port: as the packets say it, where the log does."""
    source, destination = (row.get("pkt-" + name, "-") for name in ("srcaddr", "dstaddr"))
    return (int(row["protocol"]), row["srcaddr"] if source == "-" else source, int(row["srcport"]),
            row["dstaddr"] if destination == "-" else destination, int(row["dstport"]))


class Log:
    def __init__(self, fields, rows):
        self.fields = fields
        self.rows = rows

    @classmethod
    def parse(cls, text):
        """Lines with a header, as eniflow writes them."""
        lines = text.splitlines()
        fields = lines[0].split(" ")
        return cls(fields, [dict(zip(fields, line.split(" "))) for line in lines[1:]])

    def copy(self):
        return Log(list(self.fields), [dict(row) for row in self.rows])

    @property
    def records(self):
        return [row for row in self.rows if row["log-status"] == "OK"]

    def keys(self):
        """Flows in order of appearance."""
        return list(dict.fromkeys(key_of(row) for row in self.records))

    def of(self, key):
        return [row for row in self.records if key_of(row) == key]

    def without(self, condition):
        """Its records for which the condition holds are gone; status lines stay."""
        return Log(self.fields, [row for row in self.rows if row["log-status"] != "OK" or not condition(row)])

    def moved(self, seconds):
        log = self.copy()
        for row in log.rows:
            for name in ("start", "end"):
                row[name] = str(int(row[name]) + seconds)
        return log

    def status_line(self, status, start, end):
        """A line like its first in which only the interface and the time stand."""
        kept = {"version", "account-id", "interface-id", "vpc-id", "subnet-id", "instance-id", "region", "az-id"}
        row = {name: value if name in kept else "-" for name, value in self.rows[0].items()}
        row.update({"start": str(start), "end": str(end), "log-status": status})
        return row

    # As bytes

    def lines(self):
        return [" ".join(row[name] for name in self.fields) for row in self.rows]

    def text(self, header=True, newline="\n"):
        return "".join(line + newline for line in [" ".join(self.fields)] * header + self.lines()).encode()

    def underscored(self):
        return b" ".join(name.replace("-", "_").encode() for name in self.fields) + b"\n" + self.text(header=False)

    def json_lines(self):
        """An object for each record, numbers as numbers, `-` as null."""

        def value(name, text):
            if text == "-":
                return None
            return int(text) if name in NUMBERS else text

        return "".join(json.dumps({name: value(name, row[name]) for name in self.fields}) + "\n"
                       for row in self.rows).encode()

    def csv(self):
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(self.fields)
        writer.writerows([row[name] for name in self.fields] for row in self.rows)
        return out.getvalue().encode()

    def events(self):
        return [{"id": "%056d" % number, "timestamp": int(row["start"]) * 1000, "message": line}
                for number, (row, line) in enumerate(zip(self.rows, self.lines()))]

    def message_lines(self):
        return "".join(json.dumps({"message": line}) + "\n" for line in self.lines()).encode()

    def subscription(self):
        """What CloudWatch Logs hands to a subscriber: objects with some events each."""
        events = self.events()
        parts = [events[i:i + 7] for i in range(0, len(events), 7)]
        return "".join(json.dumps({"messageType": "DATA_MESSAGE", "owner": "123456789010", "logGroup": "flow-logs",
                                   "logStream": "eni-1235b8ca123456789-all", "subscriptionFilters": ["all"],
                                   "logEvents": part}) + "\n" for part in parts).encode()

    def stored_events(self):
        """What `aws logs filter-log-events` prints."""
        return json.dumps({"events": [dict(event, logStreamName="eni-all", ingestionTime=event["timestamp"] + 9000)
                                      for event in self.events()], "searchedLogStreams": []}, indent=4).encode()

    def exported(self):
        """CloudWatch's export to S3: each line behind a time."""
        return "".join("2020-09-13T12:%02d:%02d.000Z %s\n" % (i // 60 % 60, i % 60, line)
                       for i, line in enumerate(self.lines())).encode()

    def insights(self):
        """What CloudWatch's console and Insights save: CSV with the line in a column."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["@timestamp", "@message"])
        writer.writerows(["2020-09-13 12:27:00.000", line] for line in self.lines())
        return out.getvalue().encode()

    def milliseconds(self):
        log = self.copy()
        for row in log.rows:
            row["start"], row["end"] = row["start"] + "000", row["end"] + "000"
        return log.text()

    def shuffled(self, seed):
        log = self.copy()
        random.Random(seed).shuffle(log.rows)
        return log
