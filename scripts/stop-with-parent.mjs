/**
 * npm hands a signal to the shell between it and this process; the shell ends and tells nobody. So a parent that is gone means stop,
 * unless the signal came here too, as Ctrl-C does.
 */
export const stopWithParent = () => {
  const parent = process.ppid;
  let isStopping = false;
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => {
      isStopping = true;
      if (process.listenerCount(signal) === 0) process.kill(process.pid, signal);
    });
  }
  const watch = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(watch);
    if (!isStopping) process.kill(process.pid, "SIGTERM");
  }, 100).unref();
};
