/** Lets everything happen that is already under way in this process: promises, then one turn of the event loop. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
