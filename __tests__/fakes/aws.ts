import type { Aws, DeployedPipeline, ModelPackage } from '../../src/aws/types.ts';
import { formatS3Uri } from '../../src/core/s3-uri.ts';
import type { Plan, Registration } from '../../src/plan/types.ts';
import { recordRegistration } from '../../src/registry/records.ts';
import { memoryObjects } from './objects.ts';

/** A working AWS in memory, as far as a plan reads it: objects, deployed pipelines, registered packages. */
export function memoryAws() {
  const objects = memoryObjects();
  const pipelines = new Map<string, DeployedPipeline>();
  const packages = new Map<string, ModelPackage>();
  const outside = () => Promise.reject(new Error('A plan must not call this.'));
  const aws: Aws = {
    identity: () => Promise.resolve({ accountId: '123456789012', arn: 'arn:aws:iam::123456789012:user/someone' }),
    objects,
    pipelines: {
      describe: (name) => Promise.resolve(pipelines.get(name)),
      create: outside,
      update: outside,
      start: outside,
      stop: outside,
      versions: outside,
      versionDefinition: outside,
      execution: outside,
      steps: outside,
      recent: outside,
      tags: outside,
      addTags: outside,
    },
    registry: () => ({
      groupArn: () => Promise.resolve(undefined),
      createGroup: outside,
      describe: (arn) => Promise.resolve(packages.get(arn)),
      versions: async function* () {
        yield* [];
      },
      setApproval: outside,
      addMetadata: outside,
      tags: outside,
      addTags: outside,
    }),
    jobs: { describe: outside, modelName: outside, logTail: outside },
    loadTests: () => ({ start: outside, describe: outside, stop: outside, logTail: outside }),
    requestsMade: () => 0,
  };
  return {
    aws,
    /** As a deployment of the plan leaves it. */
    deployed({ pipeline }: Plan) {
      const definition = JSON.stringify(pipeline.definition);
      pipelines.set(pipeline.name, { ...pipeline, arn: `arn:${pipeline.name}`, definition });
    },
    async uploaded({ uploads }: Plan) {
      for (const { target } of uploads) await objects.put(target, Buffer.from('x'), { condition: { kind: 'always' } });
    },
    async registered(registration: Registration, approval: ModelPackage['approval'] = 'PendingManualApproval') {
      const arn = `arn:aws:sagemaker:us-east-1:123456789012:model-package/${registration.group}/7`;
      const found = { arn, group: registration.group, version: 7, status: 'Completed', approval } as const;
      const registered = {
        ...found,
        modelDataUrl: formatS3Uri(registration.modelData),
        metadata: { package_fingerprint: registration.packageFingerprint },
      };
      packages.set(arn, registered);
      const entry = { registration, package: registered, executionArn: undefined, confirmed: true };
      await recordRegistration(aws, entry, 0);
    },
  };
}
