/**
 * Runs React in the file that it comes in, before the rest: it makes errors as it begins, and a browser that somebody looks into (a
 * debugger, a test) reads each script again whose code stands on the stack at that moment.
 */
import 'react-dom/client';
