using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;

namespace FerroLB.App.Commands;

/// <summary>Makes command-line options that may also be set in the environment, with the names that MetalLB gave them.</summary>
internal static class Flags
{
    /// <summary>A text; the environment variable counts when the flag is absent.</summary>
    public static Option<string> Text(string name, string? variable, string fallback, string description) => new(name)
    {
        Description = variable is null ? description : $"{description} [{variable}]",
        DefaultValueFactory = _ => FromEnvironment(variable) ?? fallback,
        HelpName = "TEXT",
    };

    /// <summary>A switch.</summary>
    public static Option<bool> Switch(string name, string description) => new(name) { Description = description };

    /// <summary>A TCP port; 0 turns it off.</summary>
    public static Option<int> Port(string name, int fallback, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => fallback, HelpName = "PORT" };
        option.Validators.Add(result =>
        {
            if (result.Errors.Any() || result.GetValueOrDefault<int>() is >= 0 and <= 65535)
                return;
            result.AddError($"{name} must lie between 0 and 65535.");
        });
        return option;
    }

    /// <summary>A span of time such as 500ms, 60s, 5m, 1h or 0, to be read with <see cref="ReadDuration"/>.</summary>
    public static Option<string> Duration(string name, string fallback, string description)
    {
        var option = Text(name, null, fallback, description);
        option.HelpName = "DURATION";
        option.Validators.Add(result =>
        {
            var text = result.GetValueOrDefault<string>() ?? "";
            if (!TryReadDuration(text, out _))
                result.AddError($"{name} takes a span of time such as 500ms, 60s, 5m or 0, not '{text}'.");
        });
        return option;
    }

    /// <summary>The value of a <see cref="Duration"/> flag, which was validated.</summary>
    public static TimeSpan ReadDuration(string text) => TryReadDuration(text, out var span) ? span : TimeSpan.Zero;

    /// <summary>A flag or environment variable that is read by nobody yet, or never: accepted so that manifests need no change.</summary>
    public static Option<string> Accepted(string name, string? variable, string why)
    {
        var option = Text(name, variable, "", $"Accepted, without effect: {why}");
        option.DefaultValueFactory = null;
        option.Arity = ArgumentArity.ZeroOrOne;
        return option;
    }

    /// <summary>
    /// Go's flag package, and so the manifests of MetalLB, allow -port=9120 where others write --port=9120. Adds the second hyphen.
    /// </summary>
    public static string[] WithTwoHyphens(IReadOnlyList<string> arguments) =>
        [.. arguments.Select(a => a.Length > 2 && a[0] == '-' && char.IsAsciiLetter(a[1]) ? "-" + a : a)];

    /// <summary>The variable's value; null when it is absent or empty.</summary>
    public static string? FromEnvironment(string? variable) =>
        variable is not null && Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    private static bool TryReadDuration(string text, out TimeSpan span)
    {
        var digits = text.TakeWhile(c => char.IsAsciiDigit(c) || c == '.').Count();
        var unit = text[digits..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(1),
            "s" => TimeSpan.FromSeconds(1),
            "m" => TimeSpan.FromMinutes(1),
            "h" => TimeSpan.FromHours(1),
            "" when text == "0" => TimeSpan.FromSeconds(1),
            _ => TimeSpan.Zero,
        };
        span = TimeSpan.Zero;
        if (!double.TryParse(text.AsSpan(0, digits), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var count) ||
            unit == TimeSpan.Zero || count > TimeSpan.FromDays(365) / unit)
            return false;
        span = count * unit;
        return true;
    }
}
