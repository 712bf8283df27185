"""Registers a packaged model in a team's own inventory: one JSON document per package and region in S3.

Named by `registration.registration_entry_point`, it runs in a SageMaker processing job for every region. It reads the
request (`/opt/ml/processing/input/registration/*.json`) and answers with `/opt/ml/processing/output/registration.json`,
as the built-in registration does. Run twice for the same registration, it writes the same entry to the same key.
"""

import glob
import json
import os
import sys

import boto3

ROOT = os.environ.get("BSM_CONTAINER_ROOT", "")
REQUESTS = ROOT + "/opt/ml/processing/input/registration/*.json"
ANSWER = ROOT + "/opt/ml/processing/output/registration.json"
# SageMaker shows the first kilobyte of this file as the reason that the job failed.
MESSAGE = ROOT + "/opt/ml/output/message"


def main():
    with open(glob.glob(REQUESTS)[0], encoding="utf-8") as file:
        request = json.load(file)
    package = request["create_model_package"]
    group = package["ModelPackageGroupName"]
    fingerprint = request["registration_fingerprint"]
    # Beside the records of the action, whose bucket the role may write to.
    bucket, record_key = request["record_s3_uri"][len("s3://") :].split("/", 1)
    folder = record_key.rsplit("/", 2)[0]
    key = "{}/inventory/{}/{}.json".format(folder, request["region"], fingerprint)
    entry = {
        "name": group,
        "region": request["region"],
        "model_data_url": os.environ["PACKAGED_MODEL_S3_URI"],
        "payload_url": request["payload_s3_uri"],
        "approval_status": os.environ["APPROVAL_STATUS"],
        "git_commit": os.environ["GIT_COMMIT"],
        "run_url": os.environ["RUN_URL"],
        "metadata": package["CustomerMetadataProperties"],
    }
    # Pipelines and their bucket are in us-east-1, whatever the registration region.
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(entry, indent=2).encode(), ContentType="application/json")
    answer = {
        "region": request["region"],
        "aws_region": request["aws_region"],
        # Any identifier that the inventory understands; the action hands it out as it is.
        "model_package_arn": "inventory:{}:{}:{}".format(request["region"], group, fingerprint),
        "model_package_group_name": group,
        "model_data_url": entry["model_data_url"],
    }
    os.makedirs(os.path.dirname(ANSWER), exist_ok=True)
    with open(ANSWER, "w", encoding="utf-8") as file:
        json.dump(answer, file, indent=2)
    print("Registered {}".format(answer["model_package_arn"]), flush=True)


if __name__ == "__main__":
    try:
        main()
    except Exception as failure:
        sentence = "The inventory took no entry: {}".format(failure)
        os.makedirs(os.path.dirname(MESSAGE), exist_ok=True)
        with open(MESSAGE, "w", encoding="utf-8") as file:
            file.write(sentence[:1000])
        sys.exit(sentence)
