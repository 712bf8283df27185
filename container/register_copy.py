"""S3 side of the registration: buckets and server-side copies. The bytes never pass through this job."""

import json

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

MIB = 1024 * 1024
# Records and reports have a few kilobytes; whatever is larger than this is none.
JSON_BYTES = 4 * MIB
PART_BYTES = 256 * MIB
# Above one part the copy goes in parts, side by side; 5 GiB is S3's limit for a copy in one request.
COPY_CONFIG = TransferConfig(multipart_threshold=256 * MIB, multipart_chunksize=256 * MIB, max_concurrency=8)


class Failure(Exception):
    """Ends the job with a sentence for whoever reads it."""


def parse_s3_uri(uri):
    bucket, _, key = uri[len("s3://") :].partition("/")
    return bucket, key


def read_json(s3, uri, owner=None):
    """The object's JSON object; None where there is no such object, or no JSON object of a sensible size in it."""
    bucket, key = parse_s3_uri(uri)
    try:
        text = s3.get_object(Bucket=bucket, Key=key, **expecting(owner))["Body"].read(JSON_BYTES + 1)
        found = json.loads(text) if len(text) <= JSON_BYTES else None
        return found if isinstance(found, dict) else None
    except (ValueError, RecursionError):
        return None
    except ClientError as error:
        if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
            return None
        raise


def expecting(owner, name="ExpectedBucketOwner"):
    """The argument of a call to a bucket whose owner is known; nothing where it is not."""
    return {} if owner is None else {name: owner}


def owner_of(s3, bucket, account):
    """The account, where the bucket is its; None where it is another's, or where that may not be asked."""
    try:
        s3.head_bucket(Bucket=bucket, ExpectedBucketOwner=account)
        return account
    except ClientError:
        return None


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
    try:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": region})
        say("Created the bucket {}".format(bucket))
    except ClientError as error:
        # Another job was faster, or is about to be.
        if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "OperationAborted"):
            raise


def copy_object(source, target, uri, bucket, options):
    """Copies an object to the same key of another bucket, unless the very same is there. Returns the new URI."""
    from_bucket, key = parse_s3_uri(uri)
    found = source.head_object(Bucket=from_bucket, Key=key, **expecting(options["source_owner"]))
    mark = "{}-{}".format(found["ETag"].strip('"'), found["ContentLength"])
    new_uri = "s3://{}/{}".format(bucket, key)
    if copied_mark(target, bucket, key, options["owner"]) == mark:
        options["say"]("{} is there already".format(new_uri))
        return new_uri
    extra = {"Metadata": {"copied-from": mark}, "MetadataDirective": "REPLACE", "ExpectedBucketOwner": options["owner"]}
    if options["kms_key"]:
        extra.update(ServerSideEncryption="aws:kms", SSEKMSKeyId=options["kms_key"])
    origin = {"Bucket": from_bucket, "Key": key}
    try:
        source_bucket = SourceBucket(source, options["source_owner"])
        target.copy(origin, bucket, key, ExtraArgs=extra, SourceClient=source_bucket, Config=COPY_CONFIG)
    except ClientError as error:
        # A bucket that enforces conditional writes takes no copy: 403 without the header, 501 with it.
        if error.response["Error"]["Code"] not in ("AccessDenied", "403", "NotImplemented", "501"):
            raise
        options["say"]("A plain copy is refused ({}); copying in parts".format(error.response["Error"]["Code"]))
        copy_in_parts(target, origin, {"Bucket": bucket, "Key": key}, found["ContentLength"], extra)
    options["say"]("Copied {} bytes to {}".format(found["ContentLength"], new_uri))
    return new_uri


def copy_in_parts(s3, origin, place, size, extra):
    """The same on the condition that nothing is there: only the end of an upload in parts can say so."""
    owner = expecting(extra["ExpectedBucketOwner"])
    created = {name: value for name, value in extra.items() if name != "MetadataDirective"}
    upload = dict(place, UploadId=s3.create_multipart_upload(**place, **created)["UploadId"], **owner)
    s3.meta.events.register("before-call.s3.CompleteMultipartUpload", only_if_absent)
    try:
        parts = []
        for first in range(0, size, PART_BYTES):
            asked = "bytes={}-{}".format(first, min(first + PART_BYTES, size) - 1)
            number = len(parts) + 1
            part = s3.upload_part_copy(CopySource=origin, CopySourceRange=asked, PartNumber=number, **upload)
            parts.append({"PartNumber": number, "ETag": part["CopyPartResult"]["ETag"]})
        s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **upload)
    except BaseException:
        s3.abort_multipart_upload(**upload)
        raise
    finally:
        s3.meta.events.unregister("before-call.s3.CompleteMultipartUpload", only_if_absent)


def only_if_absent(params, **_):
    """As a header: older versions of boto3 do not know the argument."""
    params["headers"]["If-None-Match"] = "*"


class SourceBucket:
    """What a managed copy asks of the source: it expects the target's owner there, too, who may be another."""

    def __init__(self, s3, owner):
        self.s3 = s3
        self.owner = owner

    def head_object(self, **request):
        request.pop("ExpectedBucketOwner", None)
        return self.s3.head_object(**request, **expecting(self.owner))

    def __getattr__(self, name):
        return getattr(self.s3, name)


def copied_mark(s3, bucket, key, owner):
    try:
        return s3.head_object(Bucket=bucket, Key=key, ExpectedBucketOwner=owner)["Metadata"].get("copied-from")
    except ClientError as error:
        if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
            return None
        raise
