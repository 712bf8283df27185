"""Registers a packaged model in another region's SageMaker Model Registry; runs in a SageMaker processing job.

Reads the request that the action wrote (`/opt/ml/processing/input/registration/Registration_<code>.json`) and what only
the execution knows (environment), copies package and payload server-side into the region's bucket, ensures the group,
creates the model package and answers with `/opt/ml/processing/output/registration.json`:

    {"region", "aws_region", "model_package_arn", "model_package_group_name", "model_data_url"}

Run twice with the same registration fingerprint, it registers once. Python 3.8 and newer, boto3 1.28 and newer.
"""

import datetime
import hashlib
import json
import os
import re
import sys
import time

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from register_copy import Failure, copy_object, ensure_bucket, expecting, owner_of, parse_s3_uri, read_json
from register_ownership import foreign_arn, foreign_package, is_not_there

ROOT = os.environ.get("BSM_CONTAINER_ROOT", "")
REQUEST_FOLDER = ROOT + "/opt/ml/processing/input/registration"
OUTPUT_FOLDER = ROOT + "/opt/ml/processing/output"
MESSAGE_FILE = ROOT + "/opt/ml/output/message"
# SageMaker keeps the first kilobyte of the message as ExitMessage of the processing job.
MESSAGE_BYTES = 1024
# Pipelines, their bucket and this job live here, whatever the registration region.
PIPELINE_REGION = "us-east-1"
COMPLETES_WITHIN_SECONDS = 300
# Newest packages of the group that are looked into where there is no record.
LOOK_INTO = 10
# An answer without the members that AWS always gives is none of AWS: all of this may be done again.
ATTEMPTS = 3
# Members of the request, and variables of the environment, that the action gives to every job.
REQUESTED = (
    "region aws_region account_id bucket create_bucket kms_key payload_s3_uri record_s3_uri registration_fingerprint "
    "group_description tags repository create_model_package"
).split()
GIVEN = "PACKAGED_MODEL_S3_URI APPROVAL_STATUS GIT_COMMIT GIT_REF RUN_URL PIPELINE_EXECUTION_ARN".split()


def main():
    request = read_request()
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return run(request)
        except (KeyError, IndexError, TypeError, AttributeError) as failure:
            if attempt == ATTEMPTS:
                sentence = "AWS answered without what it always answers ({}: {}), also after retries; run again later"
                raise Failure(sentence.format(type(failure).__name__, failure)) from failure
            say("An answer of AWS lacks {}; trying again".format(failure))
        except ClientError as failure:
            if attempt == ATTEMPTS or failure.response["Error"]["Code"] != "ConflictException":
                raise
            say("Something else changes the same thing: {}; trying again".format(failure))
        time.sleep(attempt)


def run(request):
    region = request["aws_region"]
    say("Registering in {} ({})".format(request["region"], region))
    source = boto3.client("s3", region_name=PIPELINE_REGION)
    target = boto3.client("s3", region_name=region)
    registry = boto3.client("sagemaker", region_name=region)
    # The bucket that everything comes from may be another account's.
    owner = owner_of(source, parse_s3_uri(request["record_s3_uri"])[0], request["account_id"])

    arn = registered_before(source, registry, request, owner)
    if arn is None:
        arn = register(source, target, registry, request, owner)
        wait_until_completed(registry, arn)
        record(source, request, arn, owner)
    answer(request, registry.describe_model_package(ModelPackageName=arn))


def read_request():
    names = [name for name in os.listdir(REQUEST_FOLDER) if name.endswith(".json")]
    if len(names) != 1:
        raise Failure("{} holds {} request documents; expected one".format(REQUEST_FOLDER, len(names)))
    with open(os.path.join(REQUEST_FOLDER, names[0]), encoding="utf-8") as file:
        request = json.load(file)
    # What a workflow did not give is no answer of AWS: it is told once, and not tried again.
    lacking = [name for name in REQUESTED if name not in request] + [name for name in GIVEN if name not in os.environ]
    if lacking:
        raise Failure("The registration request or the environment lacks {}".format(", ".join(lacking)))
    return request


def registered_before(s3, registry, request, owner):
    """The ARN that an earlier run recorded, where the registry still has that package and it is ours; else None."""
    found = read_json(s3, request["record_s3_uri"], owner)
    if found is None:
        return registered_without_record(s3, registry, request, owner)
    arn = found.get("model_package_arn")
    if not arn:
        return None
    refuse(request, foreign_arn(request, arn))
    try:
        package = registry.describe_model_package(ModelPackageName=arn)
    except ClientError as error:
        if is_not_there(error):
            return None
        raise
    refuse(request, foreign_package(request, arn, package))
    if package["ModelPackageStatus"] != "Completed":
        return None
    say("Registered already: {}".format(arn))
    return arn


def refuse(request, why):
    """A record is a hint of whoever may write into the bucket: it decides nothing against the registry."""
    if why is not None:
        sentence = "The record {} is not ours: {}. Nothing was registered; find out who wrote it, then delete it"
        raise Failure(sentence.format(request["record_s3_uri"], why))


def registered_without_record(s3, registry, request, owner):
    """The newest package with this registration fingerprint: its job may have been stopped before it recorded it."""
    group = request["create_model_package"]["ModelPackageGroupName"]
    try:
        listed = registry.list_model_packages(
            ModelPackageGroupName=group, SortBy="CreationTime", SortOrder="Descending", MaxResults=LOOK_INTO
        )
    except ClientError as error:
        # Without the permission, or without the group, this look is left out: the record is the rule.
        say("Did not look for earlier packages: {}".format(error))
        return None
    for summary in listed["ModelPackageSummaryList"]:
        arn = summary["ModelPackageArn"]
        package = registry.describe_model_package(ModelPackageName=arn)
        metadata = package.get("CustomerMetadataProperties") or {}
        same = metadata.get("registration_fingerprint") == request["registration_fingerprint"]
        if not same or foreign_package(request, arn, package) is not None:
            continue
        if package["ModelPackageStatus"] == "Completed" and package.get("ModelApprovalStatus") != "Rejected":
            say("Registered already, without a record: {}".format(arn))
            record(s3, request, arn, owner)
            return arn
    return None


def register(source, target, registry, request, source_owner):
    package_uri = os.environ["PACKAGED_MODEL_S3_URI"]
    ensure_bucket(target, request, say)
    owner = request["account_id"]
    copied = {"owner": owner, "source_owner": source_owner, "kms_key": request["kms_key"], "say": say}
    model_data_url = copy_object(source, target, package_uri, request["bucket"], copied)
    payload_url = copy_object(source, target, request["payload_s3_uri"], request["bucket"], copied)
    ensure_group(registry, request)
    report = read_json(source, package_uri.rsplit("/", 1)[0] + "/package.json", source_owner) or {}
    created = registry.create_model_package(**package_input(request, model_data_url, payload_url, report))
    arn = created["ModelPackageArn"]
    say("Created {}".format(arn))
    return arn


def package_input(request, model_data_url, payload_url, report):
    """CreateModelPackage's input: what the action planned, and what only this execution knows."""
    given = dict(request["create_model_package"])
    specification = json.loads(json.dumps(given["InferenceSpecification"]))
    specification["Containers"][0]["ModelDataUrl"] = model_data_url
    metadata = dict(given["CustomerMetadataProperties"])
    for name in ("GIT_COMMIT", "GIT_REF", "RUN_URL"):
        metadata[name.lower()] = os.environ[name]
    if re.match("^[0-9a-f]{64}$", str(report.get("sha256"))):
        metadata["package_sha256"] = report["sha256"]
    given.update(
        InferenceSpecification=specification,
        SamplePayloadUrl=payload_url,
        ModelApprovalStatus=os.environ["APPROVAL_STATUS"],
        CustomerMetadataProperties=metadata,
        MetadataProperties={
            "CommitId": os.environ["GIT_COMMIT"],
            "Repository": request["repository"],
            "GeneratedBy": os.environ["RUN_URL"],
        },
        ClientToken=client_token(request),
    )
    return given


def client_token(request):
    """The same for a repeated attempt of this step, another one for another execution (`if-registered: again`)."""
    identity = request["registration_fingerprint"] + os.environ["PIPELINE_EXECUTION_ARN"]
    return hashlib.sha256(identity.encode()).hexdigest()[:36]


def ensure_group(registry, request):
    group = request["create_model_package"]["ModelPackageGroupName"]
    try:
        registry.describe_model_package_group(ModelPackageGroupName=group)["ModelPackageGroupArn"]
        return
    except ClientError as error:
        if not is_not_there(error):
            raise
    if group.startswith("arn:"):
        raise Failure("The model package group {} does not exist, or is not shared with this account".format(group))
    try:
        registry.create_model_package_group(
            ModelPackageGroupName=group, ModelPackageGroupDescription=request["group_description"], Tags=request["tags"]
        )
        say("Created the model package group {}".format(group))
    except ClientError as error:
        if "already exists" not in str(error):
            raise


def wait_until_completed(registry, arn):
    deadline = time.monotonic() + COMPLETES_WITHIN_SECONDS
    while True:
        status = registry.describe_model_package(ModelPackageName=arn)["ModelPackageStatus"]
        if status == "Completed":
            return
        if status == "Failed" or time.monotonic() > deadline:
            raise Failure("The registry calls {} {}; expected Completed".format(arn, status))
        time.sleep(2)


def record(s3, request, arn, owner):
    """Where the next deployment, or another attempt of this step, finds the registration."""
    bucket, key = parse_s3_uri(request["record_s3_uri"])
    body = {
        "region": request["region"],
        "aws_region": request["aws_region"],
        "model_package_arn": arn,
        "registration_fingerprint": request["registration_fingerprint"],
        "pipeline_execution_arn": os.environ["PIPELINE_EXECUTION_ARN"],
        "recorded_at": datetime.datetime.now(datetime.timezone.utc).isoformat(),
    }
    document = {"Body": json.dumps(body, indent=2).encode(), "ContentType": "application/json"}
    try:
        s3.put_object(Bucket=bucket, Key=key, **document, **expecting(owner))
    except ClientError as error:
        # The action writes it, too; and without a record, the registry is searched.
        say("The registration could not be recorded: {}".format(error))


def answer(request, package):
    os.makedirs(OUTPUT_FOLDER, exist_ok=True)
    registration = {
        "region": request["region"],
        "aws_region": request["aws_region"],
        "model_package_arn": package["ModelPackageArn"],
        "model_package_group_name": package["ModelPackageGroupName"],
        "model_data_url": package["InferenceSpecification"]["Containers"][0]["ModelDataUrl"],
    }
    with open(os.path.join(OUTPUT_FOLDER, "registration.json"), "w", encoding="utf-8") as file:
        json.dump(registration, file, indent=2)


def say(line):
    print(line, flush=True)


def fail(sentence):
    """One sentence, first and alone, where SageMaker looks for it; the same on stderr."""
    os.makedirs(os.path.dirname(MESSAGE_FILE), exist_ok=True)
    with open(MESSAGE_FILE, "wb") as file:
        file.write(sentence.encode("utf-8")[:MESSAGE_BYTES].decode("utf-8", "ignore").encode("utf-8"))
    print(sentence, file=sys.stderr, flush=True)
    return 1


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        sys.exit(fail(str(failure)))
    except (ClientError, BotoCoreError) as failure:
        sys.exit(fail("AWS refused: {}".format(failure)))
    except KeyError as failure:
        sys.exit(fail("The registration request or the environment lacks {}".format(failure)))
