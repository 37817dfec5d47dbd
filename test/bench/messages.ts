/** What the bench and its child processes say to each other over Node's channel between processes. */

/** To a server: tell what you have used so far. Answered with `Usage`. */
export const askUsage = "usage";

/** Processor time of the whole process since its start, all threads, in microseconds. */
export interface Usage {
  readonly cpuMicros: number;
}

/** To the client: put this load on a server. Answered with `LoadResult`. */
export interface Load {
  readonly port: number;
  readonly body: string;
  /** Content parts that each streamed answer must have; absent = a plain answer. */
  readonly parts?: number;
  readonly connections: number;
  readonly requests: number;
}

export interface LoadResult {
  readonly milliseconds: number;
  /** Answers that were an error, broke off or lacked a part. */
  readonly lost: number;
}
