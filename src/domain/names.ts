import { Refusal } from './errors.ts';
import { limits } from './limits.ts';

/** An environment's name is a DNS label: it becomes a host name, an SSH user and a namespace. */
export function checkEnvironmentName(name: string): string {
  if (name.length > limits.environmentNameCharacters || !/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
    throw new Refusal('environment.name', { name });
  }
  return name;
}

/** A job's name stands in file names, log lines and filters: letters, digits, `-`, `_` and `.`. */
export function checkJobName(name: string): string {
  if (name.length > limits.jobNameCharacters || !/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name)) {
    throw new Refusal('job.name', { name });
  }
  return name;
}

/** A variable's name as POSIX has it; ours are reserved. */
export function checkVariable(name: string, value: string): void {
  if (name.length > limits.variableNameCharacters || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw new Refusal('variable.name', { name });
  }
  if (name.startsWith('NIGHTSHIFT_')) throw new Refusal('variable.reserved', { name });
  if (value.length > limits.variableValueCharacters || value.includes('\0')) {
    throw new Refusal('variable.value', { name });
  }
}
