import { Body, Button, Container, Font, Head, Heading, Html, Img, Preview, Tailwind, Text } from '@react-email/components';

const baseUrl = 'https://www.roast.example';

export const WelcomeEmail = ({ name, loginUrl, steps }) => (
  <Html lang="en">
    <Tailwind>
      <Head><title>Welcome</title></Head>
      <Preview>Everything you need to get going today</Preview>
      <Body className="bg-white font-sans">
        <Container className="mx-auto p-4">
          <Img src={`${baseUrl}/static/logo.png`} width="40" height="40" alt="Logo" />
          <Heading className="text-2xl">Welcome, {name}</Heading>
          {steps.map((step) => <Text key={step.title}>{step.title}</Text>)}
          <Button href={loginUrl} className="rounded bg-black px-5 py-3 text-white">Sign in</Button>
        </Container>
      </Body>
    </Tailwind>
  </Html>
);

WelcomeEmail.PreviewProps = {};

export default WelcomeEmail;
