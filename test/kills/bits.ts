/** A set of small whole numbers, a bit for each: a million take 128 KiB. */
export class Bits {
  size = 0;
  #bytes = new Uint8Array(1024);

  /** False when it was there. */
  add(n: number): boolean {
    const at = n >> 3;
    if (at >= this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#bytes.length * 2, at + 1));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    const bit = 1 << (n & 7);
    const byte = this.#bytes[at] ?? 0;
    if ((byte & bit) !== 0) return false;
    this.#bytes[at] = byte | bit;
    this.size += 1;
    return true;
  }

  /** How many of these are not in the other. */
  without(other: Bits): number {
    let missing = 0;
    for (const [at, byte] of this.#bytes.entries())
      for (let rest = byte & ~(other.#bytes[at] ?? 0); rest > 0; rest &= rest - 1) missing += 1;
    return missing;
  }
}
