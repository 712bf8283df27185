import * as core from '@actions/core';
import { roleCredentials, type RoleCredentials, sessionName } from '../aws/credentials.ts';
import { assumeRoleWithWebIdentity } from '../aws/sdk/assume-role.ts';
import type { Context } from '../core/context.ts';
import { readIdentityInputs } from '../inputs/index.ts';

/** Credentials of `role-to-assume`, in the main step and in post; undefined where the standard chain is to serve. */
export function assumedRole({ provenance }: Context): (() => Promise<RoleCredentials>) | undefined {
  const inputs = readIdentityInputs((name) => core.getInput(name));
  if (inputs.roleToAssume === undefined) return undefined;
  const session = {
    roleArn: inputs.roleToAssume,
    sessionName: inputs.roleSessionName ?? sessionName(provenance.repository, provenance.runUrl),
    durationSeconds: inputs.roleDurationSeconds,
    audience: inputs.audience,
  };
  return roleCredentials(session, {
    getIdToken: (audience) => core.getIDToken(audience),
    assume: assumeRoleWithWebIdentity,
    nowMs: () => Date.now(),
    mask: (secret) => core.setSecret(secret),
  });
}
