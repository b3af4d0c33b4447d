/**
 * Message signatures. Every message carries an HMAC of its four JSON parts; whoever lacks the key of the connection
 * file cannot run code in this kernel.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

export class Signer {
  private readonly algorithm: string

  /** An empty key switches signing off, as the specification says. `scheme` is `hmac-<hash>`. */
  constructor(
    private readonly key: string,
    scheme = 'hmac-sha256',
  ) {
    this.algorithm = scheme.replace(/^hmac-/, '')
    createHmac(this.algorithm, 'probe') // an unknown hash fails here, once, and not at the first message
  }

  /** Hexadecimal signature of header, parent header, metadata and content, in this order. */
  sign(parts: readonly (Buffer | string)[]): string {
    if (this.key === '') return ''
    const hmac = createHmac(this.algorithm, this.key)
    for (const part of parts) hmac.update(part)
    return hmac.digest('hex')
  }

  /** Compares in constant time, so that the time taken tells nothing about the right signature. */
  verify(signature: Buffer, parts: readonly Buffer[]): boolean {
    if (this.key === '') return true
    const expected = Buffer.from(this.sign(parts))
    return signature.length === expected.length && timingSafeEqual(signature, expected)
  }
}

/** As many signatures are remembered; Jupyter's own session class keeps the same number. */
const remembered = 65_536

/** The signatures of the latest messages. No two messages share one, since each has an identifier of its own. */
export class SeenSignatures {
  private readonly recent = new Set<string>()

  /** Whether it was here before; from now on it was. Messages without a signature are never known. */
  has(signature: Buffer): boolean {
    if (signature.length === 0) return false
    const text = signature.toString('latin1')
    if (this.recent.has(text)) return true
    this.recent.add(text)
    if (this.recent.size > remembered) this.recent.delete(this.recent.values().next().value!)
    return false
  }
}
