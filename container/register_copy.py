"""S3 side of the registration: buckets and server-side copies. The bytes never pass through this job."""

import json

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

MIB = 1024 * 1024
# Above one part the copy goes in parts, side by side; 5 GiB is S3's limit for a copy in one request.
COPY_CONFIG = TransferConfig(multipart_threshold=256 * MIB, multipart_chunksize=256 * MIB, max_concurrency=8)


class Failure(Exception):
    """Ends the job with a sentence for whoever reads it."""


def parse_s3_uri(uri):
    bucket, _, key = uri[len("s3://") :].partition("/")
    return bucket, key


def read_json(s3, uri):
    """The object's JSON, or None where there is no such object or no JSON in it."""
    bucket, key = parse_s3_uri(uri)
    try:
        return json.loads(s3.get_object(Bucket=bucket, Key=key)["Body"].read())
    except ValueError:
        return None
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise


def ensure_bucket(s3, request, say):
    """The region's bucket must be there and be ours; only SageMaker's own default bucket is created."""
    bucket, region = request["bucket"], request["aws_region"]
    try:
        s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=request["account_id"])
        return
    except ClientError as error:
        code = error.response["Error"]["Code"]
    if code in ("403", "AccessDenied"):
        raise Failure("The bucket {} belongs to another account, or this role may not use it".format(bucket))
    if code not in ("404", "NoSuchBucket"):
        sentence = "The bucket {} cannot be used from {} ({}); it must lie in that region"
        raise Failure(sentence.format(bucket, region, code))
    if not request["create_bucket"]:
        raise Failure("The bucket {} does not exist; create it in {}".format(bucket, region))
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
    say("Created the bucket {}".format(bucket))


def copy_object(source, target, uri, bucket, options):
    """Copies an object to the same key of another bucket, unless the very same is there. Returns the new URI."""
    from_bucket, key = parse_s3_uri(uri)
    found = source.head_object(Bucket=from_bucket, Key=key)
    mark = "{}-{}".format(found["ETag"].strip('"'), found["ContentLength"])
    new_uri = "s3://{}/{}".format(bucket, key)
    if copied_mark(target, bucket, key) == mark:
        options["say"]("{} is there already".format(new_uri))
        return new_uri
    extra = {"Metadata": {"copied-from": mark}, "MetadataDirective": "REPLACE", "ExpectedBucketOwner": options["owner"]}
    if options["kms_key"]:
        extra.update(ServerSideEncryption="aws:kms", SSEKMSKeyId=options["kms_key"])
    target.copy(
        {"Bucket": from_bucket, "Key": key}, bucket, key, ExtraArgs=extra, SourceClient=source, Config=COPY_CONFIG
    )
    options["say"]("Copied {} bytes to {}".format(found["ContentLength"], new_uri))
    return new_uri


def copied_mark(s3, bucket, key):
    try:
        return s3.head_object(Bucket=bucket, Key=key)["Metadata"].get("copied-from")
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            return None
        raise
