import type { BatchRequest } from '../client.ts';
import { groupsOf } from './format.ts';

/** The service takes no more in one. */
const mostRequests = 1000;
/** Its limit for a whole request is not told exactly; this is far below every figure that is. */
const mostBytes = 16 * 1024 * 1024;
/** What a part adds to its body: headers, boundary, URL. */
const partBytes = 1024;

/** A batch's worth of groups; a group (a change set, or one request) is never cut. */
export type Batchful = readonly (readonly BatchRequest[])[];

/** @throws RangeError when a change set alone is more than a batch takes: that is the caller's mistake. */
export function batchfuls(requests: readonly BatchRequest[]): Batchful[] {
  const batches: BatchRequest[][][] = [];
  let [count, bytes] = [0, 0];
  for (const group of groupsOf(requests)) {
    if (group.length > mostRequests) {
      throw new RangeError(`a change set takes ${mostRequests} requests, not ${group.length}`);
    }
    const size = group.reduce((sum, request) => sum + sizeOf(request), 0);
    const last = batches.at(-1);
    if (last !== undefined && count + group.length <= mostRequests && bytes + size <= mostBytes) {
      last.push(group);
      [count, bytes] = [count + group.length, bytes + size];
    } else {
      batches.push([group]);
      [count, bytes] = [group.length, size];
    }
  }
  return batches;
}

function sizeOf({ body, url }: BatchRequest): number {
  return partBytes + url.length + (body === undefined ? 0 : Buffer.byteLength(body));
}
