import type { Engine } from './engine/engine.ts';
import { stopPipelineExecution } from './executions/stop.ts';
import {
  describePipelineDefinitionForExecution,
  describePipelineExecution,
  listPipelineExecutionSteps,
  listPipelineExecutions,
} from './executions/describe.ts';
import { startPipelineExecution } from './executions/start.ts';
import { createProcessingJob, describeProcessingJob, type Jobs } from './jobs/jobs.ts';
import { createModel, describeModel } from './models.ts';
import { createPipeline, deletePipeline, describePipeline, updatePipeline } from './pipelines.ts';
import { createPackage } from './registry/create-package.ts';
import { createGroup, describeGroup } from './registry/groups.ts';
import { deletePackage, describePackage, listPackages, updatePackage } from './registry/packages.ts';
import type { Operation } from './service.ts';
import { addTags, listTags } from './tags.ts';

export function operationsOf(engine: Engine, jobs: Jobs): Readonly<Record<string, Operation>> {
  return {
    CreatePipeline: createPipeline,
    UpdatePipeline: updatePipeline,
    DescribePipeline: describePipeline,
    DeletePipeline: deletePipeline,
    StartPipelineExecution: startPipelineExecution(engine),
    StopPipelineExecution: stopPipelineExecution(engine),
    DescribePipelineExecution: describePipelineExecution,
    ListPipelineExecutionSteps: listPipelineExecutionSteps,
    ListPipelineExecutions: listPipelineExecutions,
    DescribePipelineDefinitionForExecution: describePipelineDefinitionForExecution,
    CreateModel: createModel,
    DescribeModel: describeModel,
    CreateModelPackageGroup: createGroup,
    DescribeModelPackageGroup: describeGroup,
    CreateModelPackage: createPackage,
    DescribeModelPackage: describePackage,
    ListModelPackages: listPackages,
    UpdateModelPackage: updatePackage,
    DeleteModelPackage: deletePackage,
    CreateProcessingJob: createProcessingJob(jobs),
    DescribeProcessingJob: describeProcessingJob,
    AddTags: addTags,
    ListTags: listTags,
  };
}
