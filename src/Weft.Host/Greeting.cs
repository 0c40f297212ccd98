namespace Weft.Host;

/// <summary>What the server prints when it listens and when it stops.</summary>
internal static class Greeting
{
    public static void Print(TextWriter output, ICollection<string> addresses, string database, string model)
    {
        // An address that stands for every interface can't be called.
        var address = addresses.First().Replace("//0.0.0.0", "//localhost").Replace("//[::]", "//localhost").Replace("//+", "//localhost").Replace("//*", "//localhost");
        output.WriteLine($$"""
            Weft listens on {{string.Join(", ", addresses)}}
              data   {{database}}
              model  {{model}}
              graphs agent, chat

            Try it:
              curl -N {{address}}/runs/stream -H 'Content-Type: application/json' \
                -d '{"assistant_id":"agent","input":{"messages":[{"role":"user","content":"what is 17*23"}]},"stream_mode":"messages-tuple"}'

            """);
        if (!addresses.All(Addresses.IsLoopback))
        {
            output.WriteLine("Warning: other machines can reach this server, and it has no authentication: whoever can connect can read and change everything.");
        }
    }

    public static void PrintStopping(TextWriter output, bool hasStarted)
    {
        if (hasStarted)
        {
            output.WriteLine("Weft is stopping: runs have a moment to finish, the others continue after the next start.");
        }
    }
}
