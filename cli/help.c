#include "cli/help.h"

#include "aws/document.h"
#include "capture/decompress.h"
#include "capture/filter.h"
#include "capture/kernel.h"
#include "cli/settings.h"

static const char exit_statuses[] =
	"\nExit status:\n"
	"  0  all was read and written\n"
	"  1  input was damaged, cut off or partly unsupported; what could be read was written\n"
	"  2  nothing could be done: usage, configuration, an unreadable file, an unwritable output\n";

static const char files[] =
	"FILE is a pcap or pcapng capture, plain or compressed (gzip, zstd), or - for standard input.\n"
	"NAME=FILE says that it was captured on device NAME; a file with = in its name is ./FILE.\n";

void help_program(FILE *out)
{
	fputs("Usage: eniflow COMMAND [ARGUMENT]...\n"
	      "Turns packets into the records of an AWS VPC flow log.\n"
	      "\nCommands:\n",
	      out);
	for (int i = 0; i < COMMAND_END; i++)
		fprintf(out, "  %-8s  %s\n", command_rows[i].name, command_rows[i].summary);
	fputs("\nOptions:\n"
	      "  --help     print this help; eniflow COMMAND --help: that of a command\n"
	      "  --version  print the version and what it was built with\n"
	      "\nExamples:\n"
	      "  eniflow read web.pcap\n"
	      "  eniflow read -c web.ini -i 600 -o web.log.gz web-*.pcap.gz\n"
	      "  tcpdump -i eth0 -w - | eniflow read -\n"
	      "  eniflow capture eth0\n",
	      out);
	fputs(exit_statuses, out);
}

static void print_option(FILE *out, const struct settings_option *option)
{
	char name[40], letter[] = "-x,";

	letter[1] = option->letter;
	snprintf(name, sizeof(name), "%s%s%s", option->name, option->argument ? " " : "",
		 option->argument ? option->argument : "");
	fprintf(out, "  %3s %-28s  %s\n", option->letter ? letter : "", name, option->meaning);
}

static void print_presets(FILE *out)
{
	const char *name;

	fputs("\nPresets of --format:", out);
	for (size_t n = 0; (name = output_format_preset(n, NULL)); n++)
		fprintf(out, "%s %s", n ? "," : "", name);
	fputs("\n`eniflow fields` lists the fields.\n", out);
}

/* The options of that command. */
static void print_options(FILE *out, enum command command)
{
	fputs("\nOptions:\n", out);
	for (size_t i = 0; i < OPTION_END; i++)
		if (settings_options[i].commands >> command & 1U)
			print_option(out, &settings_options[i]);
}

static void help_read(FILE *out)
{
	fputs("Writes the flow log records of the packets in captures, or of flow logs that are read back.\n\n", out);
	fputs(files, out);
	fputs("FILE can be a flow log as well, or a folder of them: text, CSV, JSON or Parquet, as AWS and others\n"
	      "write it.\n"
	      "Several files are read as one stream, in the order of time.\n",
	      out);
	print_options(out, COMMAND_READ);
	print_presets(out);
	fputs("\nExamples:\n"
	      "  eniflow read -f 'srcaddr dstaddr srcport dstport bytes' --filter 'tcp port 443' web.pcap\n"
	      "  eniflow read -s account-id=123456789010 -o web.json eth0=web.pcap eth1=db.pcap\n"
	      "  eniflow read -i 600 -t json AWSLogs/\n"
	      "  eniflow read -t parquet -o lake/ --hive-compatible-partitions web-*.pcap.gz\n"
	      "  eniflow read --anonymize lab.key -o shared.log.gz web.pcap\n",
	      out);
	fputs(exit_statuses, out);
}

static void help_capture(FILE *out)
{
	fputs("Watches devices of this host and writes the flow log records of their packets, until it is stopped.\n"
	      "\n"
	      "DEVICE is the name of a network device, which may come later; all: every device that is up but\n"
	      "loopback and members of bridges, also those that come; any: whatever the kernel sees, in one.\n"
	      "Without DEVICE, those of the key devices in the configuration.\n"
	      "\n"
	      "--backend ebpf counts packets in the kernel, and tells which of them its firewall dropped: REJECT.\n"
	      "packet counts exactly, too; pcap takes a super-packet of segmentation offload for one packet. Both\n"
	      "say ACCEPT, but for security groups and network ACLs; ebpf cannot have these, nor --filter,\n"
	      "--decapsulate, --promiscuous and any. With nflog the firewall tells the packets and what became of\n"
	      "them, by its rules with log group N prefix \"ACCEPT\" or \"REJECT\". auto, the default, is ebpf if\n"
	      "that can be had, else pcap, and says so.\n",
	      out);
	print_options(out, COMMAND_CAPTURE);
	print_presets(out);
	fputs("\nSignals:\n"
	      "  INT, TERM  write the records of the open window and end\n"
	      "  HUP        open the outputs anew and read the configuration again\n"
	      "  USR1       print the account so far on standard error\n"
	      "\nExamples:\n"
	      "  eniflow capture eth0\n"
	      "  eniflow capture -c /etc/eniflow/eniflow.conf -o /var/log/eniflow/ --metrics 127.0.0.1:9700 all\n"
	      "  eniflow capture --backend ebpf --interval 10 eth0\n"
	      "  eniflow capture -t json -o kafka:broker1,broker2:9093/flows --kafka compression.codec=zstd eth0\n"
	      "  eniflow capture --backend nflog --nflog-groups 7=accept,8=reject --duration 3600 eth0 eth1\n"
	      "\nExit status:\n"
	      "  0  it was stopped, and all was written\n"
	      "  1  records were lost because they could not be written\n"
	      "  2  nothing could be done: usage, configuration, permissions, an unwritable output\n",
	      out);
}

static void help_compare(FILE *out)
{
	fputs("Says where a flow log and captures of the same traffic differ, flow by flow, and why, most likely.\n"
	      "\n"
	      "LOG is a flow log: of AWS, of this program or of any other that writes the format; text, JSON, CSV\n"
	      "or Parquet, plain or compressed (gzip, zstd), a folder of such files, or - for standard input.\n"
	      "CAPTURE is a pcap or pcapng capture, plain or compressed, or -; NAME=CAPTURE says that it was\n"
	      "captured on device NAME. What lies outside of the time that is in both is set aside.\n",
	      out);
	print_options(out, COMMAND_COMPARE);
	fputs("\nExamples:\n"
	      "  eniflow compare fl-0abc.log.gz -- web.pcap\n"
	      "  eniflow compare -c web.ini --html web.html AWSLogs/ -- eth0=web.pcap.gz\n"
	      "  eniflow compare --json --tolerance packets=2,bytes=0.5% a.log b.log -- web-*.pcap\n"
	      "\nExit status:\n"
	      "  0  log and captures agree\n"
	      "  1  they differ\n"
	      "  2  nothing could be done: usage, configuration, an unreadable file, no time in both\n",
	      out);
}

static void help_inspect(FILE *out)
{
	fputs("Says what captures hold, and prints the [interface] section of a configuration that would fit them.\n\n",
	      out);
	fputs(files, out);
	fputs(exit_statuses, out);
}

static void help_explain(FILE *out)
{
	fputs("Says whether the security groups and the network ACL of an interface let a packet through that\n"
	      "begins a connection, and the answer to it; by which rule, or how near each rule came.\n"
	      "\n"
	      "INTERFACE is the name of an [interface] of the configuration, or its interface-id.\n"
	      "PROTOCOL is a name or a number; icmp and icmpv6 may have /TYPE/CODE behind them, or are echo\n"
	      "requests. An IPv6 address with a port stands in brackets: [2001:db8::62]:443. SOURCE without a\n"
	      "port has 49152.\n",
	      out);
	print_options(out, COMMAND_EXPLAIN);
	fputs("\nExamples:\n"
	      "  eniflow explain -c lab.ini web ingress tcp 203.0.113.9:40000 10.0.0.62:22\n"
	      "  eniflow explain -c lab.ini eni-1235b8ca123456789 egress icmp/8/0 10.0.0.62 203.0.113.9\n"
	      "\nExit status:\n"
	      "  0  the verdict is told, whatever it is\n"
	      "  2  usage or configuration\n",
	      out);
}

void help_command(FILE *out, enum command command)
{
	const struct command_row *row = &command_rows[command];

	fprintf(out, "Usage: eniflow %s%s%s\n", row->name, *row->arguments ? " " : "", row->arguments);
	if (command == COMMAND_READ)
		help_read(out);
	else if (command == COMMAND_CAPTURE)
		help_capture(out);
	else if (command == COMMAND_COMPARE)
		help_compare(out);
	else if (command == COMMAND_INSPECT)
		help_inspect(out);
	else if (command == COMMAND_EXPLAIN)
		help_explain(out);
	else
		fputs("Lists every field that a record can have: its name, the first record version that has it,\n"
		      "its type, its meaning.\n",
		      out);
}

void help_version(FILE *out)
{
	const char *zstd;

	fprintf(out, "eniflow %s\n", ENIFLOW_VERSION);
	fprintf(out, "  filters        %s\n", capture_filter_library());
	fprintf(out, "  gzip           %s\n", capture_decompress_library(CAPTURE_GZIP));
	zstd = capture_decompress_library(CAPTURE_ZSTD);
	fprintf(out, "  zstd           %s\n", zstd ? zstd : "off: built without libzstd");
	fprintf(out, "  snappy         %s\n", ENIFLOW_HAVE_SNAPPY ? "libsnappy" : "off: built without libsnappy");
	fprintf(out, "  Kafka          %s\n", ENIFLOW_HAVE_KAFKA ? "librdkafka" : "off: built without librdkafka");
	fprintf(out, "  anonymising    %s\n", ENIFLOW_HAVE_CRYPTO ? "libcrypto" : "off: built without libcrypto");
	fprintf(out, "  configuration  inih %s\n", ENIFLOW_INIH_VERSION);
	fprintf(out, "  AWS files      jansson %s\n", aws_document_library());
	fprintf(out, "  eBPF           %s\n",
		capture_kernel_is_built() ? "on" : "off: built without clang, bpftool or libbpf");
	fprintf(out, "  privileges     %s\n", ENIFLOW_HAVE_CAPABILITIES ? "libcap-ng" : "off: built without libcap-ng");
	fprintf(out, "  sandbox        %s\n", ENIFLOW_HAVE_SECCOMP ? "libseccomp" : "off: built without libseccomp");
	fprintf(out, "  service        %s\n", ENIFLOW_HAVE_SYSTEMD ? "libsystemd" : "off: built without libsystemd");
	fprintf(out, "  metrics        %s\n",
		ENIFLOW_HAVE_METRICS_SERVER ? "libmicrohttpd and files" : "files alone: built without libmicrohttpd");
}
