
// In a browser or in Node: `source` is a URL, the bytes, a Response, or nothing: the .wasm beside this file.
export async function load(source) {
  const bytes = await bytesOf(source === undefined ? new URL(/*FILE*/, import.meta.url) : source);
  const {instance} = await WebAssembly.instantiate(bytes, {});
  return new Model(instance);
}

async function bytesOf(source) {
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return source;
  if (typeof Response !== "undefined" && source instanceof Response) return source.arrayBuffer();
  const url = source instanceof URL ? source : new URL(source, import.meta.url);
  if (url.protocol === "file:" && typeof process !== "undefined") {
    const {readFile} = await import("node:fs/promises");
    return readFile(url);
  }
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${answer.statusText}`);
  return answer.arrayBuffer();
}

export const info = INFO;
