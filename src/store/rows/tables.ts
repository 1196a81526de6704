/** The tables as Kysely sees them; `tables.test.ts` holds them to the migrated files. */
import type { Generated } from 'kysely';
import { queriesOf } from './statements.ts';

interface CoreTables {
  internals: { key: string; value: Uint8Array };
  meta: { key: string; value: string };
  environments: { id: Generated<number>; name: string; document: string };
  jobs: {
    id: Generated<number>;
    environment: number;
    name: string;
    document: string;
    compacted_to: Generated<number>;
  };
  variables: { environment: number; name: string; sealed: Uint8Array };
  due_times: {
    job: number;
    due_at: number;
    until_at: number | null;
    count: number | null;
    environment: number;
    fate: number;
    run: string | null;
    reason: string | null;
  };
  begun: { id: string; environment: number; document: string };
  deployments: {
    id: string;
    environment: number;
    started_at: number;
    document: string;
    open: Generated<number>;
    stays: string | null;
  };
  deployment_output: { id: string; environment: number; text: string };
  deploy_hooks: { environment: number; hash: string; created_at: number; used_at: number | null };
  activity: {
    id: Generated<number>;
    at: number;
    actor: string;
    environment: string | null;
    act: string;
    detail: string;
    via: string | null;
    address: string | null;
  };
  accounts: { id: Generated<number>; name: string; document: string; sealed: Uint8Array | null };
  members: { environment: number; account: number };
  sessions: {
    id: string;
    account: number;
    created_at: number;
    used_at: number;
    address: string | null;
  };
  tokens: {
    id: string;
    hash: string;
    account: number | null;
    limited: number;
    used_at: number | null;
    document: string;
  };
  token_environments: { token: string; environment: number };
  links: { id: string; kind: string; account: number | null; expires_at: number };
  incidents: {
    id: string;
    environment: number | null;
    began_at: number;
    ended_at: number | null;
    document: string;
  };
  alert_channels: {
    id: string;
    environment: number | null;
    name: string;
    document: string;
    sealed: Uint8Array;
  };
  alert_rules: { environment: number; document: string; sealed: Uint8Array };
  alert_settings: { id: number; document: string; sealed: Uint8Array };
  deliveries: {
    id: string;
    environment: number | null;
    created_at: number;
    due_at: number | null;
    document: string;
  };
  unjudged: { run: string; environment: number };
  ssh_keys: {
    id: Generated<number>;
    environment: number | null;
    account: string | null;
    fingerprint: string;
    document: string;
  };
  deploy_keys: { environment: number; public_key: string; sealed: Uint8Array };
  log_receivers: { environment: number; document: string; sealed: Uint8Array; progress: string };
  keyed_requests: {
    user: string;
    key: string;
    fingerprint: string;
    began_at: number;
    answer: Uint8Array | null;
  };
  removed: { id: Generated<number>; environment: number | null; job: number | null };
}

interface HistoryTables {
  internals: { key: string; value: Uint8Array };
  runs: {
    seq: Generated<number>;
    id: string;
    environment: number;
    job: string;
    created_at: number;
    ended_at: number | null;
    document: string;
  };
  statistics: {
    job: number;
    ended: number;
    duration_sum_seconds: number;
    duration_max_seconds: number;
    memory_byte_seconds: number;
    memory_seconds: number;
    memory_max_bytes: number;
    fails: number;
    exits_ok: number;
    restarts: number;
    since: number;
  };
}

export const core = queriesOf<CoreTables>();
export const history = queriesOf<HistoryTables>();
