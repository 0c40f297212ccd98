using Weft.Host.Authentication;

namespace Weft.Host;

/// <summary>What the server prints when it listens and when it stops.</summary>
internal static class Greeting
{
    /// <summary>Addresses for all interfaces, at which the server listens but can't be called.</summary>
    private static readonly string[] Wildcards = ["//0.0.0.0", "//[::]", "//+", "//*"];

    /// <param name="output">Where to print.</param>
    /// <param name="addresses">The addresses of the server.</param>
    /// <param name="database">The database.</param>
    /// <param name="silo">The address for the other servers of the cluster; null if the server is alone.</param>
    /// <param name="model">The language model.</param>
    /// <param name="auth">How callers are authenticated.</param>
    public static void Print(
        TextWriter output, ICollection<string> addresses, string database, string? silo, string model, AuthSettings auth)
    {
        var cluster = silo is null ? "" : $"{Environment.NewLine}  silo   {silo}, for the other servers of the cluster";
        var address = Wildcards.Aggregate(addresses.First(), (address, wildcard) => address.Replace(wildcard, "//localhost"));
        output.WriteLine($$"""
            Weft listens on {{string.Join(", ", addresses)}}
              data   {{database}}{{cluster}}
              model  {{model}}
              graphs agent, chat
              auth   {{auth}}

            Try it:
              curl -N {{address}}/runs/stream -H 'Content-Type: application/json'{{CredentialsOf(auth)}} \
                -d '{"assistant_id":"agent","input":{"messages":[{"role":"user","content":"what is 17*23"}]},
                     "stream_mode":"messages-tuple"}'

            """);
        if (!auth.IsConfigured && !addresses.All(Addresses.IsLoopback))
        {
            output.WriteLine(
                "Warning: other machines can reach this server, and it has no authentication. "
                + "Everyone who can connect can read and change all data.");
        }
    }

    public static void PrintStopping(TextWriter output, bool hasStarted, bool isClustered)
    {
        if (hasStarted)
        {
            var where = isClustered ? "on another server" : "after the next start";
            output.WriteLine($"Weft is stopping. Runs that do not finish now continue {where}.");
        }
    }

    private static string CredentialsOf(AuthSettings auth) => auth switch
    {
        { ApiKeys.Enabled: true } => " -H \"x-api-key: $WEFT_API_KEY\"",
        { IsConfigured: true } => " -H \"Authorization: Bearer $TOKEN\"",
        _ => "",
    };
}
