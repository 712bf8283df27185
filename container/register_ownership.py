"""Whether the registry answers what a record claims: records lie in a bucket that others may write into, too."""

import json
import os
import re

from register_copy import parse_s3_uri

NOT_THERE = ("does not exist", "could not find", "cannot find")


def is_not_there(error):
    """SageMaker has several wordings for what is not there, under a code that says nothing."""
    text = str(error).lower()
    return error.response["Error"]["Code"] == "ResourceNotFound" or any(words in text for words in NOT_THERE)


def foreign_arn(request, arn):
    """Why an ARN cannot be a package of this registration, or None. Asks nobody."""
    group = request["create_model_package"]["ModelPackageGroupName"]
    account = group.split(":")[4] if group.startswith("arn:") else request["account_id"]
    expected = "arn:aws:sagemaker:{}:{}:model-package/{}/".format(
        request["aws_region"], account, group.rsplit("/", 1)[-1]
    )
    # ARNs hold the group in lower case, or as it was written.
    plain = re.sub("^arn:aws[a-z-]*:", "arn:aws:", arn.lower()) if isinstance(arn, str) else ""
    if re.match(re.escape(expected.lower()) + r"[0-9]{1,9}\Z", plain):
        return None
    return "it names {}; expected {}{{version}}".format(shown(arn), expected)


def foreign_package(request, arn, package):
    """Why what the registry answered for an ARN is not the package of this registration, or None: the action's rule."""
    planned = request["create_model_package"]
    if package["ModelPackageArn"].lower() != arn.lower():
        return "the registry answered {} where {} was asked for".format(shown(package["ModelPackageArn"]), arn)
    ours, found = planned["ModelPackageGroupName"], package.get("ModelPackageGroupName", "")
    names = [name.rsplit("/", 1)[-1] for name in (ours, found)]
    if "/" in ours + found:
        names = [name.lower() for name in names]
    if names[0] != names[1]:
        return "{} is in the group {}; expected {}".format(arn, shown(found), ours)
    metadata = package.get("CustomerMetadataProperties") or {}
    name = "registration_fingerprint" if "registration_fingerprint" in metadata else "package_fingerprint"
    expected = planned["CustomerMetadataProperties"].get(name)
    if metadata.get(name) != expected:
        return "{} has the {} {}; expected {}".format(arn, name, shown(metadata.get(name)), expected)
    model_data = package["InferenceSpecification"]["Containers"][0].get("ModelDataUrl")
    expected = "s3://{}/{}".format(request["bucket"], parse_s3_uri(os.environ["PACKAGED_MODEL_S3_URI"])[1])
    if model_data != expected:
        return "{} has the model data {}; expected {}".format(arn, shown(model_data), expected)
    return None


def shown(value):
    text = json.dumps(value) if value else "nothing"
    return text if len(text) <= 200 else text[:200] + "..."
