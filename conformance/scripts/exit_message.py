"""Runs as a processing job that fails: writes more than a kilobyte of two-byte letters as its message, and exits with 3."""

import os
import sys

root = os.environ.get("BSM_CONTAINER_ROOT", "")
os.makedirs(root + "/opt/ml/output", exist_ok=True)
with open(root + "/opt/ml/output/message", "w", encoding="utf-8") as file:
    file.write("a" + "\u00e9" * 1000)
print("the last line of the log")
sys.exit(3)
