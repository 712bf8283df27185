import { validationError } from './errors.ts';
import type { Engine } from './engine/engine.ts';
import { retryPipelineExecution, stopPipelineExecution, updatePipelineExecution } from './executions/change.ts';
import {
  describePipelineDefinitionForExecution,
  describePipelineExecution,
  listPipelineExecutionSteps,
  listPipelineExecutions,
  listPipelineParametersForExecution,
} from './executions/describe.ts';
import { startPipelineExecution } from './executions/start.ts';
import { createProcessingJob, describeProcessingJob, type Jobs } from './jobs/jobs.ts';
import { createModel, describeModel } from './models.ts';
import { createPipeline, deletePipeline, describePipeline, listPipelines, updatePipeline } from './pipelines.ts';
import { createPackage } from './registry/create-package.ts';
import { createGroup, describeGroup, listGroups } from './registry/groups.ts';
import { deletePackage, describePackage, listPackages, updatePackage } from './registry/packages.ts';
import { text } from './json.ts';
import type { Operation } from './service.ts';
import { addTags, deleteTags, listTags } from './tags.ts';

/** No pipeline here can have a Callback step, so no token can be right. */
const callback: Operation = (input) => {
  throw validationError(`The callback token '${text(input, 'CallbackToken')}' is not that of a running Callback step.`);
};

export function operationsOf(engine: Engine, jobs: Jobs): Readonly<Record<string, Operation>> {
  return {
    CreatePipeline: createPipeline,
    UpdatePipeline: updatePipeline,
    DescribePipeline: describePipeline,
    DeletePipeline: deletePipeline,
    ListPipelines: listPipelines,
    StartPipelineExecution: startPipelineExecution(engine),
    StopPipelineExecution: stopPipelineExecution(engine),
    RetryPipelineExecution: retryPipelineExecution(engine),
    UpdatePipelineExecution: updatePipelineExecution,
    DescribePipelineExecution: describePipelineExecution,
    ListPipelineExecutionSteps: listPipelineExecutionSteps,
    ListPipelineExecutions: listPipelineExecutions,
    ListPipelineParametersForExecution: listPipelineParametersForExecution,
    DescribePipelineDefinitionForExecution: describePipelineDefinitionForExecution,
    SendPipelineExecutionStepSuccess: callback,
    SendPipelineExecutionStepFailure: callback,
    CreateModel: createModel,
    DescribeModel: describeModel,
    CreateModelPackageGroup: createGroup,
    DescribeModelPackageGroup: describeGroup,
    ListModelPackageGroups: listGroups,
    CreateModelPackage: createPackage,
    DescribeModelPackage: describePackage,
    ListModelPackages: listPackages,
    UpdateModelPackage: updatePackage,
    DeleteModelPackage: deletePackage,
    CreateProcessingJob: createProcessingJob(jobs),
    DescribeProcessingJob: describeProcessingJob,
    AddTags: addTags,
    ListTags: listTags,
    DeleteTags: deleteTags,
  };
}
