export default function Broken(): never {
  throw new TypeError('no such luck');
}
