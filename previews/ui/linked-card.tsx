import type {
  LinkedData,
  LinkedFlight,
  LinkedOrder,
  LinkedParcel,
} from '../../src/contract/linked-data.ts';

type Props = { readonly html: string };

/** The card that Gmail makes of what a mail says for machines: an order, a parcel, a flight. */
export function LinkedCards({ html }: Props) {
  const things = linkedIn(html);
  if (things.length === 0)
    return (
      <p className="quiet linked-none">
        Gmail makes no card of this mail: its template has no <code>linkedData</code>.
      </p>
    );
  return (
    <ul className="linked-cards" aria-label="The card Gmail makes of it">
      {things.map((thing, index) => (
        // A mail may tell of two flights that differ in nothing shown.
        <li key={index}>
          <Linked thing={thing} />
        </li>
      ))}
    </ul>
  );
}

function linkedIn(html: string): readonly LinkedData[] {
  const [, text] = /<script type="application\/ld\+json">(.*?)<\/script>/s.exec(html) ?? [];
  if (text === undefined) return [];
  const found: LinkedData | readonly LinkedData[] = JSON.parse(text);
  return 'length' in found ? found : [found];
}

function Linked({ thing }: { readonly thing: LinkedData }) {
  switch (thing['@type']) {
    case 'Order':
      return <OrderCard order={thing} />;
    case 'ParcelDelivery':
      return <ParcelCard parcel={thing} />;
    case 'FlightReservation':
      return <FlightCard flight={thing} />;
    default:
      return thing satisfies never;
  }
}

/** `https://schema.org/OrderInTransit` → "In transit" */
const stateOf = (url: string) => {
  const words = url
    .replace(/^.*\/Order/, '')
    .replaceAll(/(?<=.)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words;
};

const priceText = ({ price, priceCurrency }: Pick<LinkedOrder, 'price' | 'priceCurrency'>) =>
  price === undefined || priceCurrency === undefined
    ? null
    : Number(price).toLocaleString('en', { style: 'currency', currency: priceCurrency });

const dayText = (day: string) =>
  new Date(day).toLocaleDateString('en', { weekday: 'short', day: 'numeric', month: 'short' });

function OrderCard({ order }: { readonly order: LinkedOrder }) {
  const { merchant, orderNumber, orderStatus, url, acceptedOffer = [] } = order;
  const [first] = acceptedOffer;
  const price = priceText(order);
  return (
    <>
      <strong>
        {merchant.name}
        {orderStatus !== undefined && `: ${stateOf(orderStatus).toLowerCase()}`}
      </strong>
      <span>
        Order {orderNumber}
        {price !== null && ` · ${price}`}
      </span>
      {first && (
        <span className="quiet">
          {first.itemOffered.name}
          {acceptedOffer.length > 1 && ` and ${acceptedOffer.length - 1} more`}
        </span>
      )}
      {url !== undefined && <span className="linked-action">View order</span>}
    </>
  );
}

function ParcelCard({ parcel }: { readonly parcel: LinkedParcel }) {
  const { partOfOrder, carrier, trackingNumber, trackingUrl, expectedArrivalUntil } = parcel;
  return (
    <>
      <strong>
        {expectedArrivalUntil === undefined
          ? 'On its way'
          : `Arriving by ${dayText(expectedArrivalUntil)}`}
      </strong>
      <span>
        {partOfOrder.merchant.name} · order {partOfOrder.orderNumber}
      </span>
      <span className="quiet">
        {[carrier?.name, trackingNumber].filter((one) => one !== undefined).join(' ')}
      </span>
      {trackingUrl !== undefined && <span className="linked-action">Track package</span>}
    </>
  );
}

function FlightCard({ flight }: { readonly flight: LinkedFlight }) {
  const { reservationFor, reservationNumber, underName, modifyReservationUrl } = flight;
  const { departureAirport, arrivalAirport, departureTime, arrivalTime, flightNumber, provider } =
    reservationFor;
  return (
    <>
      <strong>
        {departureAirport.iataCode} – {arrivalAirport.iataCode}, {dayText(departureTime)}
      </strong>
      <span>
        {departureTime.slice(11, 16)} – {arrivalTime.slice(11, 16)} · {provider.name} {flightNumber}
      </span>
      <span className="quiet">
        Confirmation {reservationNumber} · {underName.map(({ name }) => name).join(', ')}
      </span>
      {modifyReservationUrl !== undefined && <span className="linked-action">Manage booking</span>}
    </>
  );
}
