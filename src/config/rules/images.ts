import { PIPELINE_REGION } from '../../core/regions.ts';
import { checkInstance, type ImageResult, inferenceImage, packagingImage } from '../../images/index.ts';
import type { Rule, RuleFinding } from './rule.ts';

const INSTANCE = 'model.inference_instance_type';
const PLACES = {
  version: 'base.framework_version',
  python: 'base.py_version',
  instance: INSTANCE,
  region: 'base.region',
} as const;

/** Framework version, Python version and instance type lead to images that AWS publishes. */
export const images: Rule = ({ draft: { base, model } }) => {
  const { framework_version: frameworkVersion, py_version: pyVersion } = base;
  const instanceType = model.inference_instance_type;
  if (frameworkVersion === undefined || pyVersion === undefined || instanceType === undefined) return [];
  const region = PIPELINE_REGION;
  const inference = noImage(inferenceImage({ frameworkVersion, pyVersion, instanceType, region }));
  return inference.length > 0 ? inference : noImage(packagingImage({ frameworkVersion, pyVersion, region }));
};

function noImage(result: ImageResult): readonly RuleFinding[] {
  if (result.ok) return [];
  const field = PLACES[result.cause];
  return [{ severity: 'error', code: 'not-found', field, message: `${field}: ${result.problem}.` }];
}

/** Instance types exist for what they are to be used for; of the two for packaging, the one that will be used. */
export const instanceTypes: Rule = ({ draft: { model, package: packaging } }) => {
  const size = packaging.use_large_processing_instance === true ? 'large' : 'small';
  return [
    ...instance(INSTANCE, model.inference_instance_type, 'endpoint'),
    ...instance(
      `package.processing_instance_type_${size}`,
      packaging[`processing_instance_type_${size}`],
      'processing',
    ),
  ];
};

function instance(field: string, type: string | undefined, use: 'endpoint' | 'processing'): readonly RuleFinding[] {
  if (type === undefined) return [];
  const check = checkInstance(type, use);
  switch (check.is) {
    case 'known':
      return [];
    case 'unknown': {
      const message = `${field} is ${type}, of a family that was not known in November 2026; it is taken as it is.`;
      return [{ severity: 'warning', code: 'not-found', field, message }];
    }
    case 'refused':
      return [
        { severity: 'error', code: 'not-found', field, message: `${field} is ${type}; expected ${check.expected}.` },
      ];
  }
}
