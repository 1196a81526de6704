/** Does something at once that has no form: says what was done with the way back, or why it was not. */
import type { RouteName } from '../../../src/contract/routes.ts';
import { api } from '../data/api.ts';
import { readAnew } from '../data/change.ts';
import type { Asked } from '../data/client.ts';
import { toast, toastFailure } from '../design/toasts.tsx';

/** Resolves to whether it was done. */
export async function act<Name extends RouteName>(
  name: Name,
  asked: Asked<Name>,
  said: string,
  undo?: () => unknown,
): Promise<boolean> {
  try {
    await api.call(name, asked);
    toast(said, undo === undefined ? {} : { undo: () => void undo() });
    return true;
  } catch (thrown) {
    toastFailure(thrown);
    return false;
  } finally {
    void readAnew(asked);
  }
}
