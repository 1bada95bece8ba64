/** What `mpmake --doctor` says of the key that is to open the nodes. */

import { formatMoment } from "../base/moment.js";
import { expiryOfKey } from "../net/key-expiry.js";
import { readCredential } from "./cluster.js";
import { type Judgement, ok, warning } from "./doctor-judgement.js";

/** Time enough to bring a new key to every machine. */
const WARN_BEFORE_MS = 30 * 86_400_000;
const FIX = "make a new key with ckeygen, and bring it to workers and clients before that day";

/** Nothing when no node is to be reached. @throws UserError when the key cannot be used */
export function judgeKey(keyFile: string | undefined): readonly ({ readonly probe: "key" } & Judgement)[] {
  if (keyFile === undefined) return [];
  const expires = expiryOfKey(readCredential(keyFile));
  if (!expires.ok) throw new Error(`internal error: ${expires.error}`);
  const { value: expiresMs } = expires;
  if (expiresMs === undefined) return [{ probe: "key", ...ok(`${keyFile}, which does not expire`) }];
  const text = `${keyFile}, which expires on ${formatMoment(expiresMs)}`;
  if (expiresMs - Date.now() > WARN_BEFORE_MS) return [{ probe: "key", ...ok(text) }];
  return [{ probe: "key", ...warning(text, { effect: "from then on no node takes recipes", fix: FIX }) }];
}
