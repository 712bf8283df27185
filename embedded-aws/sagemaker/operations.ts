import type { Engine } from './engine/engine.ts';
import { stopPipelineExecution } from './executions/stop.ts';
import {
  describePipelineDefinitionForExecution,
  describePipelineExecution,
  listPipelineExecutionSteps,
  listPipelineExecutions,
} from './executions/describe.ts';
import { startPipelineExecution } from './executions/start.ts';
import {
  createProcessingJob,
  deleteProcessingJob,
  describeProcessingJob,
  type Jobs,
  stopProcessingJob,
} from './jobs/jobs.ts';
import { createModel, deleteModel, describeModel } from './models.ts';
import {
  createPipeline,
  deletePipeline,
  describePipeline,
  listPipelines,
  listPipelineVersions,
  updatePipeline,
} from './pipelines.ts';
import { recommenderOperations } from './recommender/operations.ts';
import type { Recommender } from './recommender/recommender.ts';
import { createPackage } from './registry/create-package.ts';
import { createGroup, deleteGroup, describeGroup, listGroups } from './registry/groups.ts';
import { deletePackage, describePackage, listPackages, updatePackage } from './registry/packages.ts';
import type { Operation } from './service.ts';
import { addTags, listTags } from './tags.ts';

type Parts = { readonly engine: Engine; readonly jobs: Jobs; readonly recommender: Recommender };

export function operationsOf({ engine, jobs, recommender }: Parts): Readonly<Record<string, Operation>> {
  return {
    CreatePipeline: createPipeline,
    UpdatePipeline: updatePipeline,
    DescribePipeline: describePipeline,
    ListPipelines: listPipelines,
    ListPipelineVersions: listPipelineVersions,
    DeletePipeline: deletePipeline,
    StartPipelineExecution: startPipelineExecution(engine),
    StopPipelineExecution: stopPipelineExecution(engine),
    DescribePipelineExecution: describePipelineExecution,
    ListPipelineExecutionSteps: listPipelineExecutionSteps,
    ListPipelineExecutions: listPipelineExecutions,
    DescribePipelineDefinitionForExecution: describePipelineDefinitionForExecution,
    CreateModel: createModel,
    DescribeModel: describeModel,
    DeleteModel: deleteModel,
    CreateModelPackageGroup: createGroup,
    DescribeModelPackageGroup: describeGroup,
    ListModelPackageGroups: listGroups,
    DeleteModelPackageGroup: deleteGroup,
    CreateModelPackage: createPackage,
    DescribeModelPackage: describePackage,
    ListModelPackages: listPackages,
    UpdateModelPackage: updatePackage,
    DeleteModelPackage: deletePackage,
    CreateProcessingJob: createProcessingJob(jobs),
    DescribeProcessingJob: describeProcessingJob,
    StopProcessingJob: stopProcessingJob(jobs),
    DeleteProcessingJob: deleteProcessingJob,
    ...recommenderOperations(recommender),
    AddTags: addTags,
    ListTags: listTags,
  };
}
