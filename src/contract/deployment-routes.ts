/** The routes of deployments, deploy hooks and nightshift.yml. */
import {
  deployHook,
  deployment,
  deploymentParams,
  deploymentsQuery,
  deploymentWithOutput,
  fileDifference,
  jobsFile,
  newDeployHook,
  newDeployment,
} from './deployment.ts';
import { route } from './route.ts';
import { changeQuery, environmentParams, listOf } from './wire.ts';

const inEnvironment = { params: environmentParams };

export const deploymentRoutes = {
  deploy: route(
    'POST /environments/:environment/deployments',
    'Restart the workers gracefully for code that came another way',
    {
      ...inEnvironment,
      once: true,
      query: changeQuery,
      body: newDeployment,
      response: deployment,
      status: 201,
    },
  ),
  deployments: route('GET /environments/:environment/deployments', 'The deployments, newest first', {
    ...inEnvironment,
    query: deploymentsQuery,
    response: listOf(deployment),
  }),
  deployment: route(
    'GET /environments/:environment/deployments/:deployment',
    'A deployment with its steps and what it printed',
    { params: deploymentParams, response: deploymentWithOutput },
  ),
  deployHook: route('GET /environments/:environment/deploy-hook', 'Whether there is a deploy hook', {
    ...inEnvironment,
    response: deployHook,
  }),
  rotateDeployHook: route(
    'POST /environments/:environment/deploy-hook',
    'Make a deploy hook, or give it another secret; the answer alone has it',
    { ...inEnvironment, response: newDeployHook, status: 201 },
  ),
  removeDeployHook: route(
    'DELETE /environments/:environment/deploy-hook',
    'Take the deploy hook away',
    inEnvironment,
  ),
  applyFile: route(
    'POST /environments/:environment/file',
    'Apply a nightshift.yml, or tell what it would change',
    { ...inEnvironment, query: changeQuery, body: jobsFile, response: fileDifference },
  ),
} as const;
