/** Nested sections as plain objects. */
export interface Tree {
  [name: string]: unknown;
}

/** Puts a value into the tree at a path, making the sections on the way. The tree's own objects change. */
export function plant(tree: Tree, [name = '', ...below]: readonly string[], value: unknown): void {
  if (below.length === 0) {
    tree[name] = value;
    return;
  }
  const section: Tree = Object.hasOwn(tree, name) ? (tree[name] as Tree) : {};
  tree[name] = section;
  plant(section, below, value);
}
