/**
 * All scripts that the first page needs come as two files, React and the rest: a browser that does not speak HTTP/2 to the daemon asks
 * for six at once, and a dozen small ones would wait for each other. Two are read and compiled beside each other, and React stays in
 * the browser's cache when the rest has changed. What only other pages need stays with those.
 */
interface Graph {
  getModuleInfo(id: string): { readonly isEntry: boolean; readonly importers: readonly string[] } | null;
}

/** Names the modules that the entry imports by whatever way but `import()`; null for all others. */
export function firstFile(): (id: string, graph: Graph) => string | null {
  const first = new Set<string>();
  const isFirst = (id: string, graph: Graph, seen: Set<string>): boolean => {
    if (first.has(id)) return true;
    // Imports may go in circles.
    if (seen.has(id)) return false;
    seen.add(id);
    const info = graph.getModuleInfo(id);
    const found =
      info !== null && (info.isEntry || info.importers.some((each) => isFirst(each, graph, seen)));
    if (found) first.add(id);
    return found;
  };
  return (id, graph) => {
    if (!isFirst(id, graph, new Set())) return null;
    return /\/node_modules\/(react|react-dom|scheduler)\/|\/src\/react-first\.ts$/.test(id)
      ? 'react'
      : 'index';
  };
}
