import { useEffect } from 'react';
import { followEvents } from '../data/event-stream.ts';

/** What is shown follows the daemon's events for as long as the frame stands. */
export const useLiveEvents = (): void => useEffect(followEvents, []);
