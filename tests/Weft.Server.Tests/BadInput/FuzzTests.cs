using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Weft.Server.Tests.BadInput;

/// <summary>
/// Random requests that are nearly right: bodies of the OpenAPI document with members removed, doubled, moved and replaced, and with
/// broken text. <c>WEFT_FUZZ</c> is the number of requests: 5,000 if it is not set, and 100,000 in <c>./test --nightly</c>.
/// </summary>
public sealed class FuzzTests
{
    private static readonly int Requests =
        int.Parse(Environment.GetEnvironmentVariable("WEFT_FUZZ") ?? "5000", CultureInfo.InvariantCulture);

    [Fact]
    public async Task Random_requests_are_answered_by_the_protocol()
    {
        await using var server = await TestServer.StartAsync();
        var seed = Environment.TickCount;
        var random = new Random(seed);
        using var root = new BadCaller(server, "");
        using var gateway = new BadCaller(server, "/api");
        var callers = new[] { root, gateway };
        var operations = new[] { await callers[0].OperationsAsync(), await callers[1].OperationsAsync() };
        for (var i = 0; i < Requests; i++)
        {
            var mount = i % 2;
            var operation = operations[mount][random.Next(operations[mount].Count)];
            if (i % 200 == mount)
            {
                await callers[mount].Places.MakeAsync();
            }

            var body = Mutation.Of(callers[mount].Places.ExampleOf(operation), random);
            var query = operation.Query().Where(_ => random.Next(4) == 0).Select(given => $"{given.Name}={Mutation.QueryValue(random)}");
            await callers[mount].SendAsync(operation, $"?{string.Join('&', query)}", body, $"seed {seed}, request {i}: {body}");
        }

        string.Join('\n', callers.SelectMany(caller => caller.Faults)).ShouldBeEmpty();
        (await server.Root.GetAsync("/ok?check_db=1")).ShouldBeOk();
    }

    /// <summary>Random changes of a body.</summary>
    private static class Mutation
    {
        private static readonly string[] Leaves =
        [
            "null", "true", "0", "-1", "1e400", "0.1", "\"\"", "\"x\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[[[]]]]", "{\"\":{}}",
            "9223372036854775808", "\"1f000000-0000-6000-8000-000000000000\"", "\"2026-01-01T00:00:00Z\"", "{\"$eq\":1}", "\"*\"",
        ];

        private static readonly string[] QueryValues = ["", "1", "-1", "true", "x", "1e9", "%00", "%ed%a0%80", "a,b", "[1]"];

        public static string Of(JsonNode body, Random random)
        {
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                Change(body, random);
            }

            var text = body.ToJsonString();
            for (var mark = text.IndexOf("\"\\u0001\"", StringComparison.Ordinal); mark >= 0;
                mark = text.IndexOf("\"\\u0001\"", StringComparison.Ordinal))
            {
                text = string.Concat(text.AsSpan(0, mark), Leaves[random.Next(Leaves.Length)], text.AsSpan(mark + 8));
            }

            return random.Next(10) == 0 ? Break(text, random) : text;
        }

        public static string QueryValue(Random random) => QueryValues[random.Next(QueryValues.Length)];

        private static void Change(JsonNode body, Random random)
        {
            // Down to some member.
            var node = body;
            while (random.Next(3) > 0 && Inner(node, random) is { } inner)
            {
                node = inner;
            }

            switch (node)
            {
                case JsonObject { Count: > 0 } members:
                    var name = members.ElementAt(random.Next(members.Count)).Key;
                    if (random.Next(3) == 0)
                    {
                        members.Remove(name);
                    }
                    else
                    {
                        members[random.Next(4) == 0 ? name.ToUpperInvariant() : name] = "\u0001";
                    }

                    break;
                case JsonObject members:
                    members["added"] = "\u0001";
                    break;
                case JsonArray items:
                    items.Add("\u0001");
                    break;
            }
        }

        private static JsonNode? Inner(JsonNode node, Random random)
        {
            var inner = node switch
            {
                JsonObject members => members.Select(member => member.Value),
                JsonArray items => items,
                _ => [],
            };
            var containers = inner.Where(value => value is JsonObject or JsonArray).ToList();
            return containers.Count == 0 ? null : containers[random.Next(containers.Count)];
        }

        private static string Break(string text, Random random)
        {
            var broken = new StringBuilder(text);
            var at = random.Next(broken.Length);
            return random.Next(3) switch
            {
                0 => broken.Remove(at, broken.Length - at).ToString(),
                1 => broken.Insert(at, (char)random.Next(1, 0x2FFF)).ToString(),
                _ => broken.Insert(at, text).ToString(),
            };
        }
    }
}
