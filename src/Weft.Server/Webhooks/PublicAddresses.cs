using System.Net;

namespace Weft.Server;

/// <summary>The addresses of the public internet. An IPv6 address that stands for an IPv4 address is judged by that one.</summary>
internal static class PublicAddresses
{
    private static readonly IPNetwork[] SpecialIPv4 =
    [
        .. ((string[])[
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
            "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3",
        ]).Select(IPNetwork.Parse),
    ];

    // Addresses outside of it are loopback, link-local, unique-local, multicast, or not assigned.
    private static readonly IPNetwork GlobalIPv6 = IPNetwork.Parse("2000::/3");

    // Teredo and other protocols, documentation.
    private static readonly IPNetwork[] SpecialIPv6 =
        [IPNetwork.Parse("2001::/23"), IPNetwork.Parse("2001:db8::/32"), IPNetwork.Parse("3fff::/20")];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    public static bool Contains(IPAddress address)
    {
        var plain = Plain(address);
        return plain.GetAddressBytes().Length == 4
            ? !Array.Exists(SpecialIPv4, network => network.Contains(plain))
            : GlobalIPv6.Contains(plain) && !Array.Exists(SpecialIPv6, network => network.Contains(plain));
    }

    /// <summary>Returns the IPv4 address that an IPv6 address stands for, or else the address itself.</summary>
    public static IPAddress Plain(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        return Nat64.Contains(address) ? new IPAddress(address.GetAddressBytes().AsSpan(12, 4))
            : SixToFour.Contains(address) ? new IPAddress(address.GetAddressBytes().AsSpan(2, 4))
            : address;
    }
}
