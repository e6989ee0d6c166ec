/** Files of what is on the screen: the drawing with its colours, the picture, the figures. */

const STYLED = [
  "fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "stroke-opacity", "opacity",
  "font-family", "font-size", "font-weight", "text-anchor", "dominant-baseline", "paint-order",
];
const NS = "http://www.w3.org/2000/svg";
const LINE = 15;
const MARGIN = 12;

/** Return the text of an SVG that looks the same anywhere, with a title above and lines below. */
export function svgText(svg: SVGSVGElement, title: string, below: string[]): string {
  const { width, height } = svg.getBoundingClientRect();
  const root = getComputedStyle(document.documentElement);
  const ink = root.getPropertyValue("--ink").trim();
  const font = getComputedStyle(document.body).fontFamily;
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const from = [svg, ...svg.querySelectorAll("*")];
  const to = [copy, ...copy.querySelectorAll("*")];
  from.forEach((element, i) => {
    const style = getComputedStyle(element);
    for (const name of STYLED) to[i]?.setAttribute(name, style.getPropertyValue(name));
    to[i]?.removeAttribute("class");
  });
  for (const hidden of copy.querySelectorAll("[data-screen]")) hidden.remove();
  const lines = below.flatMap((line) => wrapped(line, Math.max(40, Math.floor(width / 6.2))));
  const top = 26;
  const whole = height + top + lines.length * LINE + MARGIN;
  const outer = document.createElementNS(NS, "svg");
  outer.setAttribute("xmlns", NS);
  outer.setAttribute("width", String(width + 2 * MARGIN));
  outer.setAttribute("height", String(whole));
  outer.setAttribute("viewBox", `0 0 ${width + 2 * MARGIN} ${whole}`);
  const back = document.createElementNS(NS, "rect");
  back.setAttribute("width", "100%");
  back.setAttribute("height", "100%");
  back.setAttribute("fill", root.getPropertyValue("--card").trim());
  outer.append(back);
  const write = (text: string, y: number, size: number, weight: string) => {
    const made = document.createElementNS(NS, "text");
    made.textContent = text;
    made.setAttribute("x", String(MARGIN));
    made.setAttribute("y", String(y));
    made.setAttribute("fill", ink);
    made.setAttribute("font-family", font);
    made.setAttribute("font-size", String(size));
    made.setAttribute("font-weight", weight);
    outer.append(made);
  };
  write(title, 19, 14, "600");
  copy.setAttribute("x", String(MARGIN));
  copy.setAttribute("y", String(top));
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  outer.append(copy);
  lines.forEach((line, i) => write(line, top + height + (i + 1) * LINE, 10.5, "400"));
  return new XMLSerializer().serializeToString(outer);
}

/** Return the lines of a text, broken between words. */
export function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < most) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Return the text of a CSV file: what it is and whose, each on a line with a hash, then the figures in full. */
export function csvText(table: { head: string[]; rows: (string | number | null)[][] }, above: string[]): string {
  const cell = (value: string | number | null) => {
    const text = value === null ? "" : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = [table.head, ...table.rows].map((row) => row.map(cell).join(","));
  return `${[...above.map((line) => `# ${line}`), ...lines].join("\n")}\n`;
}

/** Hand a file to the reader. */
export function save(name: string, blob: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Return the picture of an SVG text, twice as fine as the screen. */
export async function png(text: string): Promise<Blob> {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = image.width * 2;
  canvas.height = image.height * 2;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("canvas");
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  URL.revokeObjectURL(image.src);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("canvas"))), "image/png");
  });
}
