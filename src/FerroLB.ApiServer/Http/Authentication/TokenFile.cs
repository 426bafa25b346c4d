using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Globalization;
using System.IO;
using System.Text;
using FerroLB.ApiServer.Store;

namespace FerroLB.ApiServer.Http.Authentication;

/// <summary>
/// A file of bearer tokens in the form of kube-apiserver's --token-auth-file: a line of comma-separated values per token, which are the
/// token, the user's name, the user's uid and, if there are any, the groups, in one quoted field with commas between them.
/// </summary>
internal static class TokenFile
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">A line has too few fields; the message tells which.</exception>
    public static IReadOnlyList<(string Token, ApiIdentity Identity)> Read(string path)
    {
        var tokens = new List<(string, ApiIdentity)>();
        int number = 0;
        foreach (string line in File.ReadLines(path))
        {
            number++;
            if (string.IsNullOrWhiteSpace(line))
                continue;
            List<string> fields = Fields(line);
            if (fields.Count < 3 || fields[0].Length == 0)
            {
                throw new FormatException(string.Create(CultureInfo.InvariantCulture,
                    $"--token-auth-file {path}: line {number} has {fields.Count} fields; it must have token,user,uid[,groups]."));
            }
            ImmutableArray<string> groups = fields.Count > 3
                ? [.. fields[3].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)]
                : [];
            tokens.Add((fields[0], new ApiIdentity(fields[1], fields[2], [.. groups, "system:authenticated"], [])));
        }
        return tokens;
    }

    // RFC 4180: a field in quotes may hold commas, and two quotes stand for one.
    private static List<string> Fields(string line)
    {
        var fields = new List<string>();
        var field = new StringBuilder();
        bool quoted = false;
        for (int i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
                field.Append(line[i++]);
            else if (line[i] == '"')
                quoted = !quoted;
            else if (line[i] == ',' && !quoted)
            {
                fields.Add(field.ToString().Trim());
                field.Clear();
            }
            else
                field.Append(line[i]);
        }
        fields.Add(field.ToString().Trim());
        return fields;
    }
}
