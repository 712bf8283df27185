// What is used of the SDK, by name: a module that is imported whole at run time cannot be shaken by the bundler.
export { Upload } from '@aws-sdk/lib-storage';
