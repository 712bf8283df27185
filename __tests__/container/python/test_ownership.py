"""Whether a package is the one of a registration: the same table as of the action's own rule (registry/ownership)."""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "container"))

try:
    from register_ownership import foreign_arn, foreign_package
except ImportError:
    foreign_arn = None

FINGERPRINT, PACKAGE = "f" * 64, "e" * 64
ARN = "arn:aws:sagemaker:eu-west-1:123456789012:model-package/Team-Group/7"
REQUEST = {
    "aws_region": "eu-west-1",
    "account_id": "123456789012",
    "bucket": "models-eu",
    "registration_fingerprint": FINGERPRINT,
    "create_model_package": {
        "ModelPackageGroupName": "Team-Group",
        "CustomerMetadataProperties": {"registration_fingerprint": FINGERPRINT, "package_fingerprint": PACKAGE},
    },
}


def found(**more):
    container = {"ModelDataUrl": "s3://models-eu/loc/package/e/model.tar.gz"}
    package = {
        "ModelPackageArn": ARN,
        "ModelPackageGroupName": "Team-Group",
        "CustomerMetadataProperties": {"registration_fingerprint": FINGERPRINT},
        "InferenceSpecification": {"Containers": [container]},
    }
    return dict(package, **more)


@unittest.skipIf(foreign_arn is None, "boto3 is not installed")
class Ownership(unittest.TestCase):
    def setUp(self):
        os.environ["PACKAGED_MODEL_S3_URI"] = "s3://models/loc/package/e/model.tar.gz"

    def test_an_arn_can_be_ours(self):
        for arn in (ARN, ARN.lower(), ARN.replace("arn:aws:", "arn:aws-cn:")):
            with self.subTest(arn):
                self.assertIsNone(foreign_arn(REQUEST, arn))

    def test_an_arn_is_somebody_elses(self):
        others = {
            "another account": ARN.replace("123456789012", "111111111111"),
            "another region": ARN.replace("eu-west-1", "us-west-2"),
            "another group": ARN.replace("Team-Group", "Other"),
            "a longer group": ARN.replace("Team-Group", "Team-Group-2"),
            "something below the group": ARN.replace("/7", "/sub/7"),
            "no version": ARN.replace("/7", ""),
            "a version in other digits": ARN.replace("/7", "/\u0667"),
            "a version of too many digits": ARN.replace("/7", "/" + "7" * 5000),
            "more than one line": ARN + "\n",
            "no ARN": "hello",
            "a number": 5,
            "a list": [ARN],
            "an object": {"arn": ARN},
        }
        for what, arn in others.items():
            with self.subTest(what):
                why = foreign_arn(REQUEST, arn)
                self.assertIn("expected arn:aws:sagemaker:eu-west-1:123456789012:model-package/Team-Group/", why)
                self.assertLess(len(why), 500)

    def test_a_package_is_ours(self):
        for package in (found(), found(CustomerMetadataProperties={"package_fingerprint": PACKAGE})):
            self.assertIsNone(foreign_package(REQUEST, ARN, package))

    def test_a_package_is_somebody_elses(self):
        elsewhere = {"Containers": [{"ModelDataUrl": "s3://models-eu/evil.tar.gz"}]}
        others = {
            "another version": found(ModelPackageArn=ARN.replace("/7", "/8")),
            "another group": found(ModelPackageGroupName="Another"),
            "a group of another case": found(ModelPackageGroupName="team-group"),
            "another registration": found(CustomerMetadataProperties={"registration_fingerprint": "x"}),
            "another package": found(CustomerMetadataProperties={"package_fingerprint": "y"}),
            "no metadata": found(CustomerMetadataProperties={}),
            "other model data": found(InferenceSpecification=elsewhere),
        }
        for what, package in others.items():
            with self.subTest(what):
                self.assertIsNotNone(foreign_package(REQUEST, ARN, package))
