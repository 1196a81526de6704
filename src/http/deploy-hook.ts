/** `POST /hooks/deploy/SECRET`: whatever else the caller sends, in whatever form, is not looked at. */
import type { FastifyInstance } from 'fastify';
import type { Control } from '../control/control.ts';
import { Refusal } from '../domain/errors.ts';
import { deploymentToWire } from '../wire/to-wire.ts';

export function registerDeployHook(app: FastifyInstance, control: Pick<Control, 'deployByHook'>): void {
  app.register(async (hooks) => {
    hooks.removeAllContentTypeParsers();
    hooks.addContentTypeParser('*', (_request, payload, done) => {
      payload.on('error', () => undefined); // it is thrown away
      payload.resume();
      done(null, undefined);
    });
    hooks.post<{ Params: { secret: string }; Querystring: { wait?: string } }>(
      '/hooks/deploy/:secret',
      async (request, reply) => {
        const change = { wait: request.query.wait === 'true' };
        const deployment = await control.deployByHook(request.params.secret, request.ip, change);
        return await reply.code(change.wait ? 200 : 202).send(deploymentToWire(deployment));
      },
    );
    // Somebody opens the address in a browser, to see what it is.
    hooks.get('/hooks/deploy/:secret', async () => {
      throw new Refusal('hook.method');
    });
    // It is called by curl, and the next prompt stands on a line of its own.
    hooks.addHook('onSend', async (_request, _reply, payload) =>
      typeof payload === 'string' ? `${payload}\n` : payload,
    );
  });
}
