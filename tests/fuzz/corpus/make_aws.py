#!/usr/bin/env python3
"""Writes the seeds of fuzz_aws into the folder aws/ beside this script: the files of tests/data/aws, their blanks left out,
each behind the byte of its kind; and all of them together, one file a kind.

    tests/fuzz/corpus/make_aws.py      writes aws/ beside itself"""

import json
from pathlib import Path

# In the order of enum aws_kind.
KINDS = [
    ["ip-ranges"],
    ["describe-network-interfaces"],
    ["describe-security-groups"],
    ["describe-security-group-rules"],
    ["describe-network-acls"],
    ["describe-route-tables"],
    ["describe-managed-prefix-lists", "describe-prefix-lists", "get-managed-prefix-list-entries"],
    ["describe-vpc-peering-connections"],
    ["describe-subnets"],
    ["describe-vpcs"],
]


def pack(value):
    return json.dumps(value, separators=(",", ":")).encode()


def main():
    here = Path(__file__).resolve().parent
    data = here.parents[1] / "data" / "aws"
    together = []
    for number, names in enumerate(KINDS):
        one = {}
        for name in names:
            value = json.loads((data / (name + ".json")).read_text())
            (here / "aws" / name).write_bytes(bytes([number]) + pack(value))
            one.update(value)
        together.append(pack(one))
    (here / "aws" / "together").write_bytes(b"\0" + b"\0".join(together))


if __name__ == "__main__":
    main()
