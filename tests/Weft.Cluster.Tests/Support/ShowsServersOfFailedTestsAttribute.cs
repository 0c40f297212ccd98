using System.Reflection;
using System.Runtime.CompilerServices;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Weft.Cluster.Tests.ShowsServersOfFailedTests]

namespace Weft.Cluster.Tests;

/// <summary>
/// Adds what the servers of a test have printed to its result if the test failed. The servers print thousands of lines.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class ShowsServersOfFailedTestsAttribute : BeforeAfterTestAttribute
{
    private static readonly ConditionalWeakTable<ITest, List<string>> _said = [];

    /// <summary>Keeps what a server of the current test has printed, if there is a current test.</summary>
    public static void Add(string said)
    {
        if (TestContext.Current.Test is { } test)
        {
            var texts = _said.GetOrAdd(test, static _ => []);
            lock (texts)
            {
                texts.Add(said);
            }
        }
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed && _said.TryGetValue(test, out var texts))
        {
            foreach (var said in texts)
            {
                TestContext.Current.TestOutputHelper?.WriteLine("== A server said:\n" + said);
            }
        }
    }
}
