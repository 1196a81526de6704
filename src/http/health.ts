/** `/healthz`, for monitors and load balancers: whether Nightshift itself is well. It asks nobody who they are, and tells nothing else. */
import type { FastifyInstance } from 'fastify';
import type { Control } from '../control/control.ts';
import { toTime } from '../wire/to-wire.ts';

export function registerHealth(app: FastifyInstance, control: Pick<Control, 'health'>): void {
  app.get('/healthz', async (_request, reply) => {
    const { schedulerHeartbeatAt, schedulerSilent, store } = await control.health();
    const well = store === 'ok' && !schedulerSilent;
    return reply
      .code(well ? 200 : 503)
      .header('cache-control', 'no-store')
      .send({
        status: well ? 'ok' : 'failing',
        scheduler: schedulerSilent ? 'silent' : 'ok',
        schedulerHeartbeatAt: schedulerHeartbeatAt === null ? null : toTime(schedulerHeartbeatAt),
        store,
      });
  });
}
