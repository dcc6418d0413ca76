// What status_page_test.py measures on the page: contrast as WCAG 2.2 computes it (1.4.3), from computed styles; what is
// shown; what the keyboard must reach.
const parse = (color) => color.match(/[\d.]+/g).map(Number);
const gray = ([r, g, b]) => { const l = .2126 * r + .7152 * g + .0722 * b; return [l, l, l]; };
const luminance = (color) => {
  const [r, g, b] = color.map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
  return .2126 * r + .7152 * g + .0722 * b;
};
const ratio = (a, b) => {
  const [light, dark] = [luminance(a), luminance(b)].sort((p, q) => q - p);
  return (light + .05) / (dark + .05);
};
const ancestors = (node) => node ? [node, ...ancestors(node.parentElement)] : [];
const background = (node) => {
  for (const one of ancestors(node)) {
    const color = parse(getComputedStyle(one).backgroundColor);
    if (color.length === 3) return color;
    if (color[3] !== 0) throw Error('a translucent background, which this does not compute');
  }
  throw Error('no background');
};
const filtered = (node) => ancestors(node).some((one) => getComputedStyle(one).filter === 'grayscale(1)');
const shown = (node) => node.checkVisibility({checkOpacity: true, checkVisibilityCSS: true});
const contrast = (node, color) => {
  const colors = [parse(color), background(node)];
  return ratio(...(filtered(node) ? colors.map(gray) : colors));
};
const texts = () => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim() && shown(node)) found.push(node);
  }
  return found;
};
const faint = (least) => texts().map((node) => [contrast(node, getComputedStyle(node).color), node.textContent])
  .filter(([value]) => value < least);
const labels = () => [...document.querySelectorAll('[data-name]')].filter(shown)
  .map((node) => [contrast(node, getComputedStyle(node, '::before').color), node.dataset.name]);
const interactive = () =>
  [...document.querySelectorAll('a[href], button, summary, input, select, textarea, [tabindex]')].filter(shown);
