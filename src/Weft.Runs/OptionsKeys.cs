using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Weft.Runs;

/// <summary>Refuses settings that no option has, so that a misspelt name is not ignored.</summary>
internal static class OptionsKeys
{
    /// <exception cref="OptionsValidationException">
    /// The section has a key that does not name a public property of <typeparamref name="T"/>.
    /// </exception>
    public static void Check<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] T>(IConfigurationSection section)
    {
        var names = typeof(T).GetProperties().Select(property => property.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var unknown = section.GetChildren()
            .Where(child => !names.Contains(child.Key))
            .Select(child => $"{child.Path} is not an option.")
            .ToList();
        if (unknown.Count > 0)
        {
            throw new OptionsValidationException(section.Path, typeof(T), unknown);
        }
    }
}
