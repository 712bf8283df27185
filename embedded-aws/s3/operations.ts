import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
  putBucketVersioning,
} from './buckets.ts';
import { copyObject, uploadPartCopy } from './copy.ts';
import { deleteObject, deleteObjects } from './delete-objects.ts';
import type { S3Handler } from './handler.ts';
import { listObjects, listObjectsV2 } from './list-objects.ts';
import { listMultipartUploads, listParts } from './list-uploads.ts';
import { listObjectVersions } from './list-versions.ts';
import { completeMultipartUpload } from './complete-upload.ts';
import { abortMultipartUpload, createMultipartUpload, uploadPart } from './multipart.ts';
import { getObject, headObject } from './read-objects.ts';
import type { S3Operation } from './request.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './tags.ts';
import { putObject } from './write-objects.ts';

export const OPERATIONS: Readonly<Record<S3Operation, S3Handler>> = {
  ListBuckets: listBuckets,
  HeadBucket: headBucket,
  CreateBucket: createBucket,
  DeleteBucket: deleteBucket,
  GetBucketLocation: getBucketLocation,
  GetBucketVersioning: getBucketVersioning,
  PutBucketVersioning: putBucketVersioning,
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: headObject,
  CopyObject: copyObject,
  DeleteObject: deleteObject,
  DeleteObjects: deleteObjects,
  ListObjects: listObjects,
  ListObjectsV2: listObjectsV2,
  ListObjectVersions: listObjectVersions,
  GetObjectTagging: getObjectTagging,
  PutObjectTagging: putObjectTagging,
  DeleteObjectTagging: deleteObjectTagging,
  CreateMultipartUpload: createMultipartUpload,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
  CompleteMultipartUpload: completeMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
  ListParts: listParts,
  ListMultipartUploads: listMultipartUploads,
};
