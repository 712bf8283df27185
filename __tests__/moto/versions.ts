import type { JsonObject } from '../../embedded-aws/contracts.ts';
import { text } from '../../embedded-aws/sagemaker/json.ts';
import type { Moto } from './moto.ts';

/** Versions of pipelines, which moto does not keep: each create and each update makes one. */
export interface Versions {
  /** After a create or an update; answers the number of the version that it made. */
  made(name: string): Promise<number>;
  /** As ListPipelineVersions answers: newest first. */
  list(name: string): JsonObject;
  /** undefined where there is no such version. */
  definition(name: string, version: number): string | undefined;
  isNewest(name: string, version: number): boolean;
}

export function createVersions(moto: Moto): Versions {
  const definitions = new Map<string, string[]>();
  const of = (name: string) => definitions.get(name) ?? [];
  return {
    async made(name) {
      const found = await moto.call('SageMaker.DescribePipeline', { PipelineName: name });
      definitions.set(name, [...of(name), text(found, 'PipelineDefinition') ?? '']);
      return of(name).length;
    },
    list: (name) => ({
      PipelineVersionSummaries: of(name)
        .map((_, index) => ({ PipelineVersionId: index + 1 }))
        .reverse(),
    }),
    definition: (name, version) => of(name)[version - 1],
    isNewest: (name, version) => version === of(name).length,
  };
}
