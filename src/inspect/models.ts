import type { Aws } from '../aws/types.ts';
import type { Config } from '../config/index.ts';
import { type Result, resultOf } from '../core/errors.ts';
import { canonicalJson, isObject, type Json, type JsonObject, parseJsonObject } from '../core/json.ts';
import { AWS_REGIONS } from '../core/regions.ts';
import { parseS3Uri } from '../core/s3-uri.ts';
import { variableSchema } from '../plan/execution-document.ts';
import { configMetadata } from '../plan/model-package.ts';
import type { Registration } from '../plan/types.ts';
import { schemaUri } from '../registry/nearest.ts';

/** What distinguishes two models, by the metadata that packages carry. */
const NAMES = { model_objective: 'objective', model_domain: 'domain', author: 'author' } as const;

/** One value that is another one there. */
export interface NameDifference {
  readonly name: (typeof NAMES)[keyof typeof NAMES];
  readonly there: string;
  readonly here: string;
}

/** A pipeline or a group that this deployment uses, and of which model it is. */
export interface InspectedHolder {
  /** `The pipeline p`, `Version 3 of g in NA (us-east-1)`. */
  readonly what: string;
  /** Empty: the same model, or one that does not say. */
  readonly differing: readonly NameDifference[];
  /** Whether its input and output variables are others, too; undefined: not known, or not asked. */
  readonly hasOtherVariables: boolean | undefined;
}

/** undefined: there is none, or it says nothing. One result for each, so that one that is denied hides no other. */
export type InspectedHolders = readonly Result<InspectedHolder | undefined>[];

/** Looks whether the pipeline and the groups that are to be used are those of another model. */
export async function inspectHolders(
  registrations: readonly Registration[],
  config: Config,
  aws: Aws,
): Promise<InspectedHolders> {
  if (registrations.length === 0) return [];
  // SageMaker's registry does not know what a team's own script registers elsewhere.
  const inRegistry = registrations.filter(({ kind }) => kind !== 'own');
  return Promise.all([
    resultOf(inspectPipeline(config, aws)),
    ...inRegistry.map((registration) => resultOf(inspectGroup(registration, config, aws))),
  ]);
}

async function inspectPipeline(config: Config, aws: Aws): Promise<InspectedHolder | undefined> {
  const name = config.base.pipeline_name;
  const deployed = await aws.pipelines.describe(name);
  const definition = parseJsonObject(deployed?.definition ?? '');
  const metadata = definition === undefined ? undefined : nativeMetadata(definition);
  if (definition === undefined || metadata === undefined) return undefined;
  return holder({ what: `The pipeline ${name}`, metadata, schema: schemaUri(definition) }, config, aws);
}

/** Of the native registration; a pipeline without one is known by its packages. */
function nativeMetadata({ Steps: steps }: JsonObject): JsonObject | undefined {
  for (const step of Array.isArray(steps) ? steps.filter(isObject) : []) {
    const given = isObject(step['Arguments']) ? step['Arguments']['CustomerMetadataProperties'] : undefined;
    if (isObject(given)) return given;
  }
  return undefined;
}

async function inspectGroup(
  { group, region }: Registration,
  config: Config,
  aws: Aws,
): Promise<InspectedHolder | undefined> {
  const registry = aws.registry(AWS_REGIONS[region]);
  for await (const { arn, version } of registry.versions(group)) {
    const found = await registry.describe(arn);
    if (found === undefined) return undefined;
    const what = `Version ${version} of ${group} in ${region} (${AWS_REGIONS[region]})`;
    const schema = found.metadata['variable_schema_s3_uri'];
    return holder({ what, metadata: found.metadata, schema }, config, aws);
  }
  return undefined;
}

interface Told {
  readonly what: string;
  readonly metadata: Readonly<Record<string, Json | undefined>>;
  readonly schema: string | undefined;
}

async function holder({ what, metadata, schema }: Told, config: Config, aws: Aws): Promise<InspectedHolder> {
  const own = configMetadata(config, 'NA');
  const differing = Object.entries(NAMES).flatMap(([key, name]): readonly NameDifference[] => {
    const there = metadata[key];
    const here = own[key] ?? '';
    return typeof there !== 'string' || there === here ? [] : [{ name, there, here }];
  });
  const hasOtherVariables = differing.length === 0 ? undefined : await otherVariables(schema, config, aws);
  return { what, differing, hasOtherVariables };
}

async function otherVariables(schema: string | undefined, config: Config, aws: Aws): Promise<boolean | undefined> {
  const location = parseS3Uri(schema ?? '');
  const stored = location && (await aws.objects.readText(location).catch(() => undefined));
  const variables = parseJsonObject(stored?.text ?? '');
  if (variables === undefined) return undefined;
  const own = variableSchema(config);
  return ['input', 'output'].some((side) => textOf(variables[side]) !== textOf(own[side]));
}

function textOf(side: Json | undefined): string {
  return canonicalJson(isObject(side) ? (side['variables'] ?? null) : null);
}
