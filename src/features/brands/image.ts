/** What a picture is by its own bytes, whatever its sender calls it: pure. */
import type { LogoType } from './model.ts';
import { brandLimits } from './rules.ts';

type Size = { readonly width: number; readonly height: number };

/** The type of a picture that may be a logo, or why it may not. */
export function readLogo(bytes: Buffer): { readonly type: LogoType } | { readonly problem: string } {
  const { logoBytesMax, logoSideMax } = brandLimits;
  if (bytes.length > logoBytesMax) return { problem: `must have at most ${logoBytesMax / 1024} KiB` };
  const type = typeOf(bytes);
  if (type === null) {
    const isMarkup = /^(?:\ufeff)?\s*</.test(bytes.toString('utf8', 0, 200));
    const why = isMarkup ? 'SVG and other markup can hold scripts and is not taken' : 'it is none of them';
    return { problem: `must be a PNG, JPEG or WebP picture: ${why}` };
  }
  const size = { 'image/png': pngSize, 'image/jpeg': jpegSize, 'image/webp': webpSize }[type](bytes);
  if (size === null || size.width === 0 || size.height === 0)
    return { problem: 'must be a whole picture: its size cannot be read' };
  // A few bytes can say a picture that fills a browser's memory.
  if (size.width > logoSideMax || size.height > logoSideMax)
    return { problem: `must be at most ${logoSideMax} pixels wide and high` };
  return { type };
}

const pngMark = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function typeOf(bytes: Buffer): LogoType | null {
  if (bytes.subarray(0, 8).equals(pngMark)) return 'image/png';
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  const isRiff = bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP';
  return isRiff ? 'image/webp' : null;
}

/** PNG 11.2.2: IHDR comes first. */
function pngSize(bytes: Buffer): Size | null {
  if (bytes.length < 33 || bytes.toString('latin1', 12, 16) !== 'IHDR') return null;
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** ITU T.81 B.1: segments until the one that begins a frame. */
function jpegSize(bytes: Buffer): Size | null {
  let at = 2;
  while (at + 9 < bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  return null;
}

/** RFC 9649 2.5 to 2.7. */
function webpSize(bytes: Buffer): Size | null {
  if (bytes.length < 30) return null;
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
    default:
      return null;
  }
}
