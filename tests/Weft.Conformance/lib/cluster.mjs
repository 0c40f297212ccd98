// Three hosts on one database behind an address that hands each request to the next.
import { startBalancer } from "../../../eng/cluster/balancer.mjs";

const size = 3;

/** Starts hosts with a function that starts one of them. They are used like a single host. */
export async function startCluster(startOne, options) {
  const first = await startOne(options);
  const hosts = [first, ...await Promise.all(Array.from({ length: size - 1 }, () => startOne({ ...options, folder: first.folder })))];
  const balancer = await startBalancer(hosts.map(({ url }) => url), { port: Number(new URL(options.address).port) });
  return {
    url: balancer.url,
    folder: first.folder,
    async crash() {
      await Promise.all(hosts.map((host) => host.crash()));
      await balancer.stop();
    },
    async stop() {
      await Promise.all(hosts.map((host) => host.stop()));
      await balancer.stop();
    },
  };
}
