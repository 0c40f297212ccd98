using System.Reflection;
using Microsoft.Extensions.Logging;

namespace Weft.Host.Tests;

/// <summary>The ids of log messages, which filters and alerts of operators name.</summary>
public sealed class LogEventTests
{
    private const BindingFlags All =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Fact]
    public void Each_log_message_has_an_id_of_its_own_in_its_category()
    {
        var messages = Directory.GetFiles(AppContext.BaseDirectory, "Weft.*.dll")
            .Select(Path.GetFileNameWithoutExtension)
            .Where(name => Directory.Exists(Path.Combine(WrittenApi.Folder, name!)))
            .SelectMany(name => Assembly.Load(name!).GetTypes())
            .SelectMany(type => type.GetMethods(All))
            .Select(method => (Method: method, Message: method.GetCustomAttribute<LoggerMessageAttribute>()))
            .Where(found => found.Message is not null)
            .Select(found => (Type: found.Method.DeclaringType!.FullName, found.Method.Name, Id: found.Message!.EventId))
            .ToList();

        messages.Count.ShouldBeGreaterThan(60);
        // Without an id the compiler makes one of the name, which may be that of another message.
        messages.Where(message => message.Id <= 0).ShouldBeEmpty();
        messages.GroupBy(message => (message.Type, message.Id)).Where(same => same.Count() > 1).Select(same => same.Key).ShouldBeEmpty();
    }
}
