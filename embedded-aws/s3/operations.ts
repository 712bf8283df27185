import { createBucket, headBucket } from './buckets.ts';
import { completeMultipartUpload } from './complete-upload.ts';
import { copyObject, uploadPartCopy } from './copy.ts';
import type { S3Handler } from './handler.ts';
import { listObjectsV2 } from './list-objects.ts';
import { abortMultipartUpload, createMultipartUpload, uploadPart } from './multipart.ts';
import { getObject, headObject } from './read-objects.ts';
import type { S3Operation } from './request.ts';
import { deleteObject, putObject } from './write-objects.ts';

export const OPERATIONS: Readonly<Record<S3Operation, S3Handler>> = {
  HeadBucket: headBucket,
  CreateBucket: createBucket,
  PutObject: putObject,
  GetObject: getObject,
  HeadObject: headObject,
  CopyObject: copyObject,
  DeleteObject: deleteObject,
  ListObjectsV2: listObjectsV2,
  CreateMultipartUpload: createMultipartUpload,
  UploadPart: uploadPart,
  UploadPartCopy: uploadPartCopy,
  CompleteMultipartUpload: completeMultipartUpload,
  AbortMultipartUpload: abortMultipartUpload,
};
